import { encodeBase64 } from './base64.js';
import { encodeUtf8 } from './byte-text.js';
import { PullSecretError } from './errors.js';
import { renderGoJson, type JsonMembers } from './go-json.js';
import { dockerConfigJson } from './pull-secret.js';
import { renderYaml } from './render-yaml.js';
import { sha256Hex } from './sha256.js';

/** What `kubectl create secret docker-registry` is told. Files go before a login, which is passed over then. */
export interface PullSecretRequest {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly server?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly email?: string | undefined;
  /** Contents of files under the keys that `parseFileSource` gives. */
  readonly files?: readonly SecretFile[] | undefined;
  /** Adds to the name what the content hashes to. */
  readonly appendHash?: boolean | undefined;
  /** Adds the annotation by which `kubectl apply` tells changes (`--save-config`). */
  readonly saveConfig?: boolean | undefined;
}

/** The content of a file, and the key that it is to stand under. */
export interface SecretFile {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** A Secret of type `kubernetes.io/dockerconfigjson`, its values in base64. */
export interface MadeSecret {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly annotations: ReadonlyMap<string, string>;
  /** Base64 by key, sorted. */
  readonly data: ReadonlyMap<string, string>;
}

/** The server that kubectl takes when none is named: Docker Hub. */
export const defaultServer = 'https://index.docker.io/v1/';

/**
 * The Secret that kubectl 1.36 makes of the same words, to the byte. It does not look into files, and neither does this:
 * see `lintPullSecret`.
 * @throws PullSecretError `SECRET_INCOMPLETE`, `SECRET_KEY_INVALID`
 */
export function makePullSecret(request: PullSecretRequest): MadeSecret {
  if (request.name === '')
    throw new PullSecretError('SECRET_INCOMPLETE', 'name must be specified', { hint: 'write the name of the secret' });
  const files = request.files ?? [];
  const data = new Map(sortByName([...(files.length > 0 ? filesData(files) : loginData(request))]));
  const name = request.appendHash ? `${request.name}-${hashOf(request.name, data)}` : request.name;
  const secret = { name, namespace: request.namespace || undefined, annotations: new Map<string, string>(), data };
  if (!request.saveConfig) return secret;
  const applied = `${renderGoJson(objectOf(secret))}\n`;
  return { ...secret, annotations: new Map([['kubectl.kubernetes.io/last-applied-configuration', applied]]) };
}

/** The object as kubectl prints it with `-o json`, `-o yaml` or `-o name`, with its line end. */
export function renderPullSecret(secret: MadeSecret, format: 'json' | 'yaml' | 'name'): string {
  if (format === 'name') return `secret/${secret.name}\n`;
  return format === 'json' ? `${renderGoJson(objectOf(secret), '    ')}\n` : renderYaml(objectOf(secret));
}

/**
 * Key and path of a `--from-file` value, `[key=]path`. A folder's files cannot be taken: kubectl refuses a folder as one
 * with a key, even where none was written.
 * @throws PullSecretError `SECRET_KEY_INVALID`
 */
export function parseFileSource(source: string): { readonly key: string; readonly path: string } {
  const parts = source.split('=');
  const bad = (rule: string): never => {
    throw new PullSecretError('SECRET_KEY_INVALID', rule, { hint: `write --from-file=${dockerConfigJson.key}=PATH` });
  };
  if (parts.length === 1) {
    return source === ''
      ? bad(`file path for key name ${dockerConfigJson.key} missing`)
      : { key: dockerConfigJson.key, path: source };
  }
  const [key = '', path = ''] = parts;
  if (parts.length > 2) return bad("key names or file paths cannot contain '='");
  if (key === '') return bad(`key name for file path ${path} missing`);
  if (path === '') return bad(`file path for key name ${key} missing`);
  return { key, path };
}

function loginData({ server, username, password, email }: PullSecretRequest): ReadonlyMap<string, string> {
  const address = server ?? defaultServer;
  if (!username || !password || address === '') {
    throw new PullSecretError(
      'SECRET_INCOMPLETE',
      'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
      { hint: 'name a file, or all three' },
    );
  }
  const auth = encodeBase64(encodeUtf8(`${username}:${password}`));
  const login: JsonMembers = [
    ['username', username],
    ['password', password],
    ...(email ? [['email', email] as const] : []),
    ['auth', auth],
  ];
  const config = renderGoJson([['auths', [[address, login]]]]);
  return new Map([[dockerConfigJson.key, encodeBase64(encodeUtf8(config))]]);
}

function filesData(files: readonly SecretFile[]): ReadonlyMap<string, string> {
  const data = new Map<string, string>();
  for (const { key, bytes } of files) {
    const broken = brokenKeyRule(key);
    if (broken !== undefined) {
      throw new PullSecretError(
        'SECRET_KEY_INVALID',
        `${JSON.stringify(key)} is not valid key name for a Secret: ${broken}`,
        {
          hint: `for pulling images the key is ${dockerConfigJson.key}`,
        },
      );
    }
    if (data.has(key)) {
      throw new PullSecretError(
        'SECRET_KEY_INVALID',
        `cannot add key ${key}, another key by that name already exists`,
        {
          hint: 'give every file its own key, or name one file only',
        },
      );
    }
    data.set(key, encodeBase64(bytes));
  }
  return data;
}

/** The rule for keys of Secrets and ConfigMaps that a key breaks, if any. */
export function brokenKeyRule(key: string): string | undefined {
  if (key.length > 253) return 'it has more than 253 characters';
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) return "it has other characters than letters, digits, '-', '_' and '.'";
  if (key === '.') return "it is '.'";
  return key.startsWith('..') ? "it begins with '..'" : undefined;
}

function objectOf({ name, namespace, annotations, data }: MadeSecret): JsonMembers {
  const metadata: JsonMembers = [
    ['name', name],
    ...(namespace === undefined ? [] : [['namespace', namespace] as const]),
    ...(annotations.size === 0 ? [] : [['annotations', [...annotations]] as const]),
  ];
  return [
    ['kind', 'Secret'],
    ['apiVersion', 'v1'],
    ['metadata', metadata],
    ['data', [...data]],
    ['type', dockerConfigJson.type],
  ];
}

const hashLetters = new Map([
  ['0', 'g'],
  ['1', 'h'],
  ['3', 'k'],
  ['a', 'm'],
  ['e', 't'],
]);

/** kubectl's hash of a Secret: ten digits of SHA-256, without what could spell a word. */
function hashOf(name: string, data: ReadonlyMap<string, string>): string {
  const members: JsonMembers = [
    ['data', [...data]],
    ['kind', 'Secret'],
    ['name', name],
    ['type', dockerConfigJson.type],
  ];
  const digits = sha256Hex(encodeUtf8(renderGoJson(members))).slice(0, 10);
  return Array.from(digits, (digit) => hashLetters.get(digit) ?? digit).join('');
}

function sortByName<Value>(members: readonly (readonly [string, Value])[]): readonly (readonly [string, Value])[] {
  return members.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
