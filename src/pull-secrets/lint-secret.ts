import { readDockerConfig, type ConfigFault, type DockerConfig, type RegistryLogin } from './docker-config.js';
import { decodeBase64 } from './base64.js';
import { decodeUtf8 } from './byte-text.js';
import { lintKey, type SecretFinding } from './lint-key.js';
import { lintLogin } from './lint-login.js';
import { brokenKeyRule } from './make-secret.js';
import { dockerCfg, dockerConfigJson, type PullSecret } from './pull-secret.js';
import { parseRegistryKey } from './registry-key.js';
import { readSecretLogins } from './secret-logins.js';

const maxSecretBytes = 1024 * 1024;
const severities = ['error', 'warning', 'info'] as const;

/**
 * Everything that is wrong with a Secret as a pull secret, or surprising: errors first, then in the order of the
 * document. No finding has anything of a password.
 */
export function lintPullSecret(secret: PullSecret): readonly SecretFinding[] {
  const found = [...lintObject(secret), ...lintValues(secret), ...lintContent(secret)];
  return severities.flatMap((severity) => found.filter((finding) => finding.severity === severity));
}

function lintObject({ name, namespace, data, form }: PullSecret): readonly SecretFinding[] {
  const found: SecretFinding[] = [];
  if (form === 'docker config') return found;
  if (name === '') found.push(error('name-missing', 'it has no name', 'write metadata.name'));
  else if (!isSubdomain(name)) {
    found.push(
      error(
        'name-invalid',
        'no Secret may be called so: a name has lower-case letters, digits, "-" and ".", and begins and ends with a letter or digit',
        'change metadata.name',
      ),
    );
  }
  if (namespace !== undefined && namespace !== '' && !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) {
    found.push(error('namespace-invalid', 'no namespace may be called so', 'change metadata.namespace'));
  }
  let total = 0;
  for (const [key, value] of data) {
    total += 'bytes' in value ? value.bytes.length : 0;
    const broken = brokenKeyRule(key);
    if (broken !== undefined)
      found.push(error('data-key-invalid', `a key of its data cannot be stored: ${broken}`, 'rename it'));
  }
  if (total > maxSecretBytes) {
    found.push(
      error(
        'too-large',
        `its data has ${total} bytes, more than the 1 MiB that a Secret may have`,
        'take out what is not needed',
      ),
    );
  }
  return found;
}

function isSubdomain(name: string): boolean {
  return name.length <= 253 && name.split('.').every((part) => /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(part));
}

function lintValues({ data }: PullSecret): readonly SecretFinding[] {
  const found: SecretFinding[] = [];
  for (const { key } of [dockerConfigJson, dockerCfg]) {
    const value = data.get(key);
    if (value !== undefined && 'fault' in value) {
      found.push(
        error(
          'data-base64',
          `its "${key}" cannot be stored: ${value.fault}`,
          'encode it with base64 -w0, or put it as it is under stringData',
        ),
      );
    }
  }
  return found;
}

function lintContent(secret: PullSecret): readonly SecretFinding[] {
  const found = [...lintType(secret)];
  const reading = readSecretLogins(secret);
  // A Secret of the wrong type is checked as what its key says: there may be more to mend.
  const config = reading.usable ? reading.config : readAsKeySays(secret);
  if (config === undefined) return found;
  return [...found, ...lintConfig(secret, config)];
}

function readAsKeySays({ data }: PullSecret): DockerConfig | undefined {
  for (const { key } of [dockerConfigJson, dockerCfg]) {
    const value = data.get(key);
    if (value !== undefined && 'bytes' in value && value.bytes.length > 0) {
      return readDockerConfig(value.bytes, key === dockerCfg.key ? 'dockercfg' : 'dockerconfigjson');
    }
  }
  return undefined;
}

function lintType({ type, typeWritten, data }: PullSecret): readonly SecretFinding[] {
  const present = [dockerConfigJson, dockerCfg].find(({ key }) => data.has(key));
  const wanted = [dockerConfigJson, dockerCfg].find((form) => form.type === type);
  if (!wanted) {
    const named = typeWritten ? `its type is ${type}` : 'it has no type and so is Opaque';
    return present
      ? [
          error(
            'wrong-type',
            `${named}: the kubelet passes it over`,
            `make it again with type: ${present.type}; the type of a Secret cannot be changed`,
          ),
        ]
      : [
          error(
            'no-pull-secret',
            `${named}, and it has nothing for registries`,
            `a pull secret has the type ${dockerConfigJson.type} and the key ${dockerConfigJson.key}`,
          ),
        ];
  }
  const value = data.get(wanted.key);
  if (value !== undefined) {
    return 'bytes' in value && value.bytes.length === 0
      ? [error('empty-value', `its "${wanted.key}" is empty`, 'put a docker configuration there')]
      : [];
  }
  return present
    ? [
        error(
          'wrong-key',
          `it has the key "${present.key}", which does not go with its type ${type}`,
          `write type: ${present.type}`,
        ),
      ]
    : [error('missing-key', `it has no key "${wanted.key}"`, `put a docker configuration under "${wanted.key}"`)];
}

function lintConfig(secret: PullSecret, config: DockerConfig): readonly SecretFinding[] {
  const found: SecretFinding[] = config.faults.map((fault) => lintFault(fault, secret));
  if (config.faults.some(({ key }) => key === undefined)) return found;
  const wrapper = lintWrapper(config);
  if (wrapper) return [...found, wrapper];
  const ignored = config.ignored.filter((name) => /^(?:credsStore|credHelpers)$/i.test(name));
  if (ignored.length > 0) {
    found.push(
      warning(
        'helpers-ignored',
        `the kubelet does not read ${ignored.join(' and ')}: what helper programs keep is not in the Secret`,
        'log in with --username and --password-stdin where no helper is set, and make the secret of that',
      ),
    );
  }
  if (config.logins.length === 0) {
    found.push(error('no-logins', 'there is no registry in it', 'add one under "auths"'));
  }
  const faulty = new Set(config.faults.map(({ key }) => key));
  for (const login of config.logins) {
    found.push(...lintKey(login.key), ...(faulty.has(login.key) ? [] : lintLogin(login)));
  }
  return [...found, ...lintSameKeys(config)];
}

function lintFault({ kind, key, reason }: ConfigFault, { data }: PullSecret): SecretFinding {
  const spoils = 'the kubelet then uses no pull secret of the pod at all';
  if (kind === 'json') {
    const twice = [...data.values()].some((value) => 'bytes' in value && isEncodedTwice(value.bytes));
    return twice
      ? error(
          'encoded-twice',
          `its content is base64 once more than it should be; ${spoils}`,
          'encode it once under data, or not at all under stringData',
        )
      : error(
          'not-json',
          `its content cannot be read: ${reason}; ${spoils}`,
          'put a docker configuration there, as docker login writes it',
        );
  }
  const hint =
    kind === 'shape'
      ? 'compare it with what kubectl create secret docker-registry makes'
      : 'write base64 of "username:password", in one piece';
  return { id: kind === 'shape' ? 'wrong-shape' : kind, severity: 'error', key, message: `${reason}; ${spoils}`, hint };
}

function isEncodedTwice(bytes: Uint8Array): boolean {
  const text = decodeUtf8(bytes.subarray(0, maxSecretBytes)).trim();
  const decoded = decodeBase64(text, text.endsWith('=') ? 'padded' : 'unpadded');
  return 'bytes' in decoded && decodeUtf8(decoded.bytes).trimStart().startsWith('{');
}

/** `auths` missing where it must be, or there where it must not. */
function lintWrapper(config: DockerConfig): SecretFinding | undefined {
  const wrapped = config.logins.length === 1 && config.logins[0]?.key.toLowerCase() === 'auths';
  if (wrapped && config.logins[0]?.fields.ignored.length) {
    return error(
      'wrapped-dockercfg',
      'in a .dockercfg the kubelet takes "auths" for the name of a registry',
      `use the type ${dockerConfigJson.type} and the key ${dockerConfigJson.key}`,
    );
  }
  if (config.hasLogins) return undefined;
  const others = config.ignored.filter((name) => /[.:/]|^localhost$/.test(name));
  return others.length > 0
    ? error(
        'missing-auths',
        'the registries do not stand under "auths": the kubelet sees none',
        'put {"auths": ...} around them',
      )
    : undefined;
}

function lintSameKeys({ logins, repeatedKeys }: DockerConfig): readonly SecretFinding[] {
  const found = repeatedKeys.map(
    (key): SecretFinding => ({
      ...warning('key-repeated', 'this key stands there more than once; only the last one counts', 'keep one'),
      key,
    }),
  );
  const groups = new Map<string, RegistryLogin[]>();
  for (const login of logins) {
    const parsed = parseRegistryKey(login.key);
    if ('invalid' in parsed) continue;
    groups.set(parsed.normalized, [...(groups.get(parsed.normalized) ?? []), login]);
  }
  for (const [first, ...others] of groups.values()) {
    if (first === undefined || others.length === 0) continue;
    const same = others.every((other) => other.username === first.username && other.password === first.password);
    found.push({
      ...warning(
        'key-spelt-twice',
        `${others.length + 1} keys mean the same registry; the kubelet tries them in random order${same ? '' : ', and they hold different logins'}`,
        'keep one of them',
      ),
      key: first.key,
    });
  }
  return found;
}

function error(id: string, message: string, hint: string): SecretFinding {
  return { id, severity: 'error', message, hint };
}

function warning(id: string, message: string, hint: string): SecretFinding {
  return { id, severity: 'warning', message, hint };
}
