import { isTidewaiterError, limits, messageOf } from '../core/index.js';
import {
  asArray,
  asObject,
  asString,
  parseJson,
  parseYamlDocuments,
  type JsonObject,
  type JsonValue,
} from '../formats/index.js';
import { decodeBase64 } from './base64.js';
import { encodeUtf8 } from './byte-text.js';
import { PullSecretError } from './errors.js';

/** The type and the key of a Secret that holds docker's config.json. */
export const dockerConfigJson = { type: 'kubernetes.io/dockerconfigjson', key: '.dockerconfigjson' } as const;
/** The type and the key of a Secret of the older form. */
export const dockerCfg = { type: 'kubernetes.io/dockercfg', key: '.dockercfg' } as const;

/** One value of a Secret: its bytes, or why there are none. */
export type SecretValue =
  | { readonly from: 'data' | 'stringData'; readonly bytes: Uint8Array }
  | { readonly from: 'data'; readonly fault: string };

/** A Secret as it was written: of any type, and perhaps not fit for pulling images. */
export interface PullSecret {
  /** `metadata.name`; empty where there is none. */
  readonly name: string;
  readonly namespace?: string | undefined;
  /** `type`; `Opaque` where there is none, as the API server has it. */
  readonly type: string;
  readonly typeWritten: boolean;
  readonly data: ReadonlyMap<string, SecretValue>;
  /** A Secret of Kubernetes, or docker's own file, which is read as if a Secret held it. */
  readonly form: 'secret' | 'docker config';
  /** Where it came from, for people: `secret team/regcred in secret.yaml`. */
  readonly origin: string;
}

export interface ReadSecrets {
  readonly secrets: readonly PullSecret[];
  /** Documents that are no Secrets and were passed over, one clause each. */
  readonly notes: readonly string[];
}

const maxDocuments = 1000;
/** Of all values together: through aliases a small YAML text can name a large one often. */
const maxValueBytes = 2 * limits.userFileBytes;

/**
 * Secrets in YAML or JSON, in order: several documents, lists, or docker's config.json itself. `stringData` goes before
 * `data`, as for the API server. Nothing is said here of whether a Secret is any good.
 * @throws PullSecretError `SECRET_INVALID`, `NO_SECRET`
 */
export function readPullSecrets(source: string, name: string): ReadSecrets {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source;
  const notes: string[] = [];
  const objects = parseObjects(text, name).flatMap((document, index) =>
    expand(document, { place: `document ${index + 1}`, notes, inList: false }),
  );
  if (objects.length > maxDocuments) fail(`${name} has more than ${maxDocuments} objects`);
  const allowance: Allowance = { bytes: maxValueBytes };
  const secrets = objects.map(({ object, place }) =>
    object.kind === 'Secret'
      ? readSecret(object, { place: `${place} of ${name}`, file: name, allowance })
      : readDockerFile(object, { text, name, allowance }),
  );
  if (secrets.length === 0) {
    throw new PullSecretError(
      'NO_SECRET',
      `there is no Secret in ${name}${notes.length > 0 ? `: ${notes.join(', ')}` : ''}`,
      {
        hint: "kubectl get secret NAME -o yaml prints one; docker's config.json does as well",
      },
    );
  }
  return { secrets, notes };
}

function parseObjects(text: string, name: string): readonly JsonValue[] {
  try {
    // JSON is told apart because YAML would refuse tabs in it and names twice.
    if (/^\s*[{[]/.test(text.slice(0, 10_000))) {
      const json = tryJson(text);
      if (json !== undefined) return [json];
    }
    return parseYamlDocuments(text, { maxBytes: limits.userFileBytes });
  } catch (thrown) {
    if (!isTidewaiterError(thrown)) throw thrown;
    // Neither its cause: parsers quote the text.
    return fail(`${name} cannot be read: ${withoutQuotation(messageOf(thrown))}`);
  }
}

function tryJson(text: string): JsonValue | undefined {
  try {
    return parseJson(text, { maxBytes: limits.userFileBytes });
  } catch (thrown) {
    if (isTidewaiterError(thrown) && thrown.code === 'INVALID') return undefined;
    throw thrown;
  }
}

/** What a parser says up to where it may quote. */
function withoutQuotation(message: string): string {
  const place = /\((\d+:\d+)\)/.exec(message)?.[1];
  return message.startsWith('not valid YAML')
    ? `it is not valid YAML${place === undefined ? '' : ` at line and column ${place}`}`
    : message;
}

/** What may still be read. */
interface Allowance {
  bytes: number;
}

interface Place {
  readonly place: string;
  readonly notes: string[];
  /** Lists in lists are not opened: with aliases they could be without end. */
  readonly inList: boolean;
}

interface PlacedObject {
  readonly object: JsonObject;
  readonly place: string;
}

function expand(document: JsonValue, at: Place): readonly PlacedObject[] {
  if (document === null || document === undefined) return [];
  const object = asObject(document);
  if (!object) {
    at.notes.push(`${at.place} is no object`);
    return [];
  }
  const kind = asString(object.kind);
  if (kind === 'Secret') return [{ object, place: at.place }];
  const items = asArray(object.items);
  if (kind !== undefined && kind.endsWith('List') && items && !at.inList) {
    return items.slice(0, maxDocuments + 1).flatMap((item, index) => {
      const inner = asObject(item);
      // Items of a SecretList need no kind of their own.
      const typed = inner && kind === 'SecretList' && inner.kind === undefined ? { ...inner, kind: 'Secret' } : item;
      return expand(typed, { notes: at.notes, place: `item ${index + 1} of ${at.place}`, inList: true });
    });
  }
  if (kind === undefined && object.apiVersion === undefined && looksLikeDockerConfig(object)) {
    return [{ object, place: at.place }];
  }
  at.notes.push(`${at.place} is ${kind === undefined ? 'no Kubernetes object' : `a ${shorten(kind)}`}`);
  return [];
}

function looksLikeDockerConfig(object: JsonObject): boolean {
  if (Object.keys(object).some((name) => ['auths', 'credhelpers', 'credsstore'].includes(name.toLowerCase())))
    return true;
  const entries = Object.values(object);
  return (
    entries.length > 0 &&
    entries.every((entry) => {
      const login = asObject(entry);
      return login !== undefined && (asString(login.auth) ?? asString(login.username)) !== undefined;
    })
  );
}

function readDockerFile(
  object: JsonObject,
  { text, name, allowance }: { readonly text: string; readonly name: string; readonly allowance: Allowance },
): PullSecret {
  const wrapped = Object.keys(object).some((key) => ['auths', 'credhelpers', 'credsstore'].includes(key.toLowerCase()));
  const { type, key } = wrapped ? dockerConfigJson : dockerCfg;
  // The text itself where it is JSON, because only it tells names that stand there twice.
  const json = /^\s*\{/.test(text.slice(0, 10_000))
    ? text
    : JSON.stringify(flatten(object, wrapped ? 3 : 2, allowance));
  const bytes = encodeUtf8(json);
  return {
    name: '',
    type,
    typeWritten: false,
    data: new Map([[key, { from: 'stringData', bytes }]]),
    form: 'docker config',
    origin: `docker config ${name}`,
  };
}

/** The uppermost levels of YAML; what lies deeper becomes null. */
function flatten(value: JsonValue, levels: number, allowance: Allowance): JsonValue {
  take(allowance, 8);
  if (typeof value === 'string') take(allowance, value.length);
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return null;
  const object = asObject(value);
  if (!object) return [];
  return Object.fromEntries(
    Object.entries(object).map(([name, member]) => {
      take(allowance, name.length);
      return [name, flatten(member, levels - 1, allowance)];
    }),
  );
}

function take(allowance: Allowance, bytes: number): void {
  allowance.bytes -= bytes;
  if (allowance.bytes < 0) fail(`the values of the secrets have more than ${maxValueBytes} bytes together`);
}

interface SecretPlace {
  readonly place: string;
  readonly file: string;
  readonly allowance: Allowance;
}

function readSecret(object: JsonObject, at: SecretPlace): PullSecret {
  const { place, file } = at;
  const metadata = asObject(object.metadata);
  const name = asString(metadata?.name) ?? asString(metadata?.generateName) ?? '';
  const namespace = asString(metadata?.namespace);
  const written = asString(object.type);
  if (object.type !== undefined && object.type !== null && written === undefined)
    fail(`the type of ${place} is no text`);
  const full = [namespace, name].filter((part) => part !== undefined && part !== '').join('/');
  return {
    name,
    namespace,
    type: written ? written : 'Opaque',
    typeWritten: Boolean(written),
    data: readData(object, at),
    form: 'secret',
    origin: `secret ${full === '' ? 'without a name' : shorten(full)} in ${file}`,
  };
}

function readData(object: JsonObject, { place, allowance }: SecretPlace): ReadonlyMap<string, SecretValue> {
  const values = new Map<string, SecretValue>();
  for (const [key, value] of textsOf(object.data, `data of ${place}`)) {
    take(allowance, value.length);
    const decoded = decodeBase64(value, 'padded');
    values.set(
      key,
      'at' in decoded
        ? { from: 'data', fault: `it is not base64: illegal base64 data at input byte ${decoded.at}` }
        : { from: 'data', bytes: decoded.bytes },
    );
  }
  for (const [key, value] of textsOf(object.stringData, `stringData of ${place}`)) {
    take(allowance, value.length);
    values.set(key, { from: 'stringData', bytes: encodeUtf8(value) });
  }
  return values;
}

function textsOf(value: JsonValue | undefined, place: string): readonly (readonly [string, string])[] {
  if (value === undefined || value === null) return [];
  const object = asObject(value);
  if (!object) return fail(`the ${place} is no mapping`);
  return Object.entries(object).map(([key, member]) => {
    if (member === null) return [key, ''];
    const text = asString(member);
    return text === undefined
      ? fail(`"${shorten(key)}" in the ${place} is no text`, 'put the value in quotes')
      : [key, text];
  });
}

function shorten(text: string): string {
  const printable = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return printable.length > 120 ? `${printable.slice(0, 117)}...` : printable;
}

function fail(message: string, hint = 'kubectl get secret NAME -o yaml prints one in the right form'): never {
  throw new PullSecretError('SECRET_INVALID', message, { hint });
}
