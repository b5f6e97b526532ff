import { limits } from '../core/index.js';
import { asObject, asString, type JsonObject, type JsonValue } from '../formats/index.js';
import { decodeBase64 } from './base64.js';
import { encodeUtf8 } from './byte-text.js';
import { PullSecretError } from './errors.js';
import { dockerCfg, dockerConfigJson, type PullSecret, type SecretValue } from './pull-secret.js';

/** Of all values together: through aliases a small YAML text can name a large one often. */
const maxValueBytes = 2 * limits.userFileBytes;

/** What may still be read. */
export interface Allowance {
  bytes: number;
}

/** For all Secrets of one text together. */
export function startAllowance(): Allowance {
  return { bytes: maxValueBytes };
}

/** docker's own file as if a Secret held it. */
export function readDockerFile(
  object: JsonObject,
  {
    json,
    name,
    allowance,
  }: { readonly json?: string | undefined; readonly name: string; readonly allowance: Allowance },
): PullSecret {
  const wrapped = Object.keys(object).some((key) => ['auths', 'credhelpers', 'credsstore'].includes(key.toLowerCase()));
  const { type, key } = wrapped ? dockerConfigJson : dockerCfg;
  // The text itself where it is JSON, because only it tells names that stand there twice.
  const bytes = encodeUtf8(json ?? JSON.stringify(flatten(object, wrapped ? 3 : 2, allowance)));
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
  if (allowance.bytes < 0) failReading(`the values of the secrets have more than ${maxValueBytes} bytes together`);
}

/** Where a Secret stands, for messages, and how much it may hold. */
export interface SecretPlace {
  readonly place: string;
  readonly file: string;
  readonly allowance: Allowance;
}

/** One Secret. @throws PullSecretError `SECRET_INVALID` */
export function readSecret(object: JsonObject, at: SecretPlace): PullSecret {
  const { place, file } = at;
  const metadata = asObject(object.metadata);
  const name = asString(metadata?.name) ?? asString(metadata?.generateName) ?? '';
  const namespace = asString(metadata?.namespace);
  const written = asString(object.type);
  if (object.type !== undefined && object.type !== null && written === undefined)
    failReading(`the type of ${place} is no text`);
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
  if (!object) return failReading(`the ${place} is no mapping`);
  return Object.entries(object).map(([key, member]) => {
    if (member === null) return [key, ''];
    const text = asString(member);
    return text === undefined
      ? failReading(`"${shorten(key)}" in the ${place} is no text`, 'put the value in quotes')
      : [key, text];
  });
}

/** A text of the document for a message. */
export function shorten(text: string): string {
  const printable = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return printable.length > 120 ? `${printable.slice(0, 117)}...` : printable;
}

/** The error for a document that cannot be read. */
export function failReading(
  message: string,
  hint = 'kubectl get secret NAME -o yaml prints one in the right form',
): never {
  throw new PullSecretError('SECRET_INVALID', message, { hint });
}
