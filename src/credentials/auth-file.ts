import { messageOf } from '../core/index.js';
import { asObject, asString, parseJson, type JsonObject, type JsonValue } from '../formats/index.js';
import { decodeAuth } from '../pull-secrets/index.js';
import type { Credential } from './credential.js';

/** docker's config.json, or containers' auth.json: what they say of credentials. */
export interface AuthFile {
  /** In the file's order. */
  readonly auths: readonly AuthEntry[];
  /** Helper programs by registry. */
  readonly credHelpers: ReadonlyMap<string, string>;
  /** The helper program for all others. */
  readonly credsStore?: string | undefined;
}

/** What stands under a key of `auths`. */
export interface AuthEntry {
  readonly key: string;
  /** Absent where the entry is empty, as where a helper keeps the credential, and where it is broken. */
  readonly credential?: Credential | undefined;
  /** What is wrong with the entry; one clause without any of its values. */
  readonly fault?: string | undefined;
}

/** Largest configuration that is read. */
export const maxAuthFileBytes = 4 * 1024 * 1024;

/**
 * Reads such a file.
 * @throws Error with one clause that has nothing of the text
 */
export function parseAuthFile(text: string): AuthFile {
  if (text.trim() === '') return { auths: [], credHelpers: new Map() };
  const parsed = parseQuietly(text);
  if ('fault' in parsed) throw new Error(parsed.fault);
  const root = asObject(parsed.value);
  if (!root) throw new Error('it is JSON, but no object');
  const credsStore = readText(root, 'credsStore');
  return {
    auths: entriesOf(root, 'auths').map(([key, value]) => readEntry(key, value)),
    credHelpers: new Map(
      entriesOf(root, 'credHelpers').flatMap(([key, value]) => {
        const helper = asString(value);
        return helper === undefined || helper === '' ? [] : [[key, helper] as const];
      }),
    ),
    ...(credsStore === undefined || credsStore === '' ? {} : { credsStore }),
  };
}

/** JSON, or what is wrong with it, told by line and column: the engine's own words quote what stands there. */
export function parseQuietly(text: string): { readonly value: JsonValue } | { readonly fault: string } {
  try {
    return { value: parseJson(text, { maxBytes: maxAuthFileBytes }) };
  } catch (thrown) {
    const message = messageOf(thrown);
    return { fault: /^JSON (?:of more|nested)/.test(message) ? message : `it is not JSON${placeIn(text, message)}` };
  }
}

function placeIn(text: string, message: string): string {
  const position = Number(/position (\d{1,9})/.exec(message)?.[1] ?? Number.NaN);
  if (Number.isNaN(position)) return /end of JSON/.test(message) ? ': it ends too early' : '';
  const before = text.slice(0, position).split('\n');
  return ` (line ${before.length}, column ${(before.at(-1) ?? '').length + 1})`;
}

function entriesOf(root: JsonObject, name: string): readonly (readonly [string, JsonValue])[] {
  const value = root[name];
  if (value === undefined || value === null) return [];
  const object = asObject(value);
  if (!object) throw new Error(`its "${name}" is no object`);
  return Object.entries(object);
}

function readText(root: JsonObject, name: string): string | undefined {
  const value = root[name];
  if (value === undefined || value === null) return undefined;
  const text = asString(value);
  if (text === undefined) throw new Error(`its "${name}" is no text`);
  return text;
}

function readEntry(key: string, value: JsonValue): AuthEntry {
  if (value === null) return { key };
  const entry = asObject(value);
  if (!entry) return { key, fault: 'what stands there is no object' };
  const text = (name: string): string | undefined => asString(entry[name]) || undefined;
  const identityToken = text('identitytoken');
  const registryToken = text('registrytoken');
  const auth = text('auth');
  const pair = auth === undefined ? { username: text('username'), password: text('password') } : decodeAuth(auth);
  if ('kind' in pair) {
    return { key, fault: pair.reason };
  }
  const username = pair.username || undefined;
  // docker pads passwords with zero bytes that are none of theirs.
  const password = pair.password?.replace(/^\0+|\0+$/g, '') || undefined;
  if (identityToken !== undefined) return { key, credential: { username, identityToken } };
  if (registryToken !== undefined) return { key, credential: { username, registryToken } };
  return username === undefined && password === undefined ? { key } : { key, credential: { username, password } };
}
