import { isTidewaiterError } from '../core/index.js';
import { decodeBase64 } from './base64.js';
import { decodeUtf8 } from './byte-text.js';
import { parseOrderedJson, type JsonMember, type OrderedJson } from './ordered-json.js';

/** With `auths` around the mapping (docker's config.json), or the mapping alone (the older .dockercfg). */
export type DockerConfigForm = 'dockerconfigjson' | 'dockercfg';

/** What stands under a key, as the kubelet reads it. */
export interface RegistryLogin {
  /** As written: a registry, an address, a pattern. */
  readonly key: string;
  /** Empty where the entry has none: the kubelet then sends an empty one. */
  readonly username: string;
  readonly password: string;
  readonly email: string;
  /** The fields as they stand there, for those who check them. */
  readonly fields: LoginFields;
}

/** An entry before it is interpreted. */
export interface LoginFields {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly auth?: string | undefined;
  /** Names of members that the kubelet does not read, such as `identitytoken`. */
  readonly ignored: readonly string[];
}

/** A docker configuration as the kubelet reads it. One fault anywhere spoils all of it, and all other pull secrets too. */
export interface DockerConfig {
  readonly logins: readonly RegistryLogin[];
  /** Keys that stand there more than once, spelt alike; the last one counts. */
  readonly repeatedKeys: readonly string[];
  /** Names at the top that the kubelet does not read, such as `credsStore`. */
  readonly ignored: readonly string[];
  /** `auths` was there; in a .dockercfg always. */
  readonly hasLogins: boolean;
  readonly faults: readonly ConfigFault[];
}

/** Something that makes the kubelet refuse a docker configuration. */
export interface ConfigFault {
  readonly kind: 'json' | 'shape' | 'auth-base64' | 'auth-colon';
  readonly key?: string | undefined;
  /** One clause; has nothing of the value. */
  readonly reason: string;
}

const maxConfigBytes = 4 * 1024 * 1024;

/** Reads a docker configuration as Go and the kubelet do: names in any case, the last of several wins. Never throws. */
export function readDockerConfig(bytes: Uint8Array, form: DockerConfigForm): DockerConfig {
  const faults: ConfigFault[] = [];
  const empty = { logins: [], repeatedKeys: [], ignored: [], hasLogins: form === 'dockercfg', faults };
  let root: OrderedJson;
  try {
    root = parseOrderedJson(decodeUtf8(bytes), maxConfigBytes);
  } catch (thrown) {
    if (!isTidewaiterError(thrown)) throw thrown;
    // The engine's own message quotes the text, which may be a password.
    const tooMuch = thrown.code === 'LIMIT_EXCEEDED';
    faults.push({ kind: 'json', reason: tooMuch ? thrown.message : 'it is not JSON' });
    return empty;
  }
  if (root.type === 'null') return empty;
  if (root.type !== 'object') {
    faults.push({ kind: 'shape', reason: `it is JSON, but ${nameOf(root)} instead of an object` });
    return empty;
  }
  if (form === 'dockercfg') {
    const found: LoginTable = { logins: new Map(), repeatedKeys: new Set() };
    addLogins(found, root.members, faults);
    return { ...listLogins(found), ignored: [], hasLogins: true, faults };
  }
  return readWrapped(root.members, faults);
}

function readWrapped(members: readonly JsonMember[], faults: ConfigFault[]): DockerConfig {
  const found: LoginTable = { logins: new Map(), repeatedKeys: new Set() };
  let hasLogins = false;
  const ignored: string[] = [];
  for (const { name, value } of members) {
    if (isName(name, 'httpheaders')) checkHeaders(value, faults);
    else if (!isName(name, 'auths')) ignored.push(name);
    // What stood there before is gone then, though not its faults.
    else if (value.type === 'null') found.logins.clear();
    else if (value.type === 'object') {
      hasLogins = true;
      addLogins(found, value.members, faults);
    } else faults.push({ kind: 'shape', reason: `"auths" is ${nameOf(value)} instead of an object` });
  }
  return { ...listLogins(found), ignored, hasLogins, faults };
}

interface LoginTable {
  readonly logins: Map<string, RegistryLogin>;
  readonly repeatedKeys: Set<string>;
}

function addLogins({ logins, repeatedKeys }: LoginTable, members: readonly JsonMember[], faults: ConfigFault[]): void {
  for (const { name, value } of members) {
    if (logins.has(name)) repeatedKeys.add(name);
    logins.set(name, readLogin(name, value, faults));
  }
}

function listLogins({ logins, repeatedKeys }: LoginTable): Pick<DockerConfig, 'logins' | 'repeatedKeys'> {
  return { logins: [...logins.values()], repeatedKeys: [...repeatedKeys] };
}

const loginNames = ['username', 'password', 'email', 'auth'] as const;

function readLogin(key: string, value: OrderedJson, faults: ConfigFault[]): RegistryLogin {
  const found = new Map<string, string>();
  const ignored: string[] = [];
  if (value.type === 'object') {
    for (const member of value.members) {
      const name = loginNames.find((known) => isName(member.name, known));
      if (name === undefined) ignored.push(member.name);
      else if (member.value.type === 'string') found.set(name, member.value.text);
      else if (member.value.type !== 'null') {
        faults.push({ kind: 'shape', key, reason: `"${name}" is ${nameOf(member.value)} instead of a text` });
      }
    }
  } else if (value.type !== 'null') {
    faults.push({ kind: 'shape', key, reason: `what stands under it is ${nameOf(value)} instead of an object` });
  }
  const fields = {
    username: found.get('username'),
    password: found.get('password'),
    auth: found.get('auth'),
    ignored,
  };
  const email = found.get('email') ?? '';
  const pair = fields.auth ? decodeAuth(fields.auth) : { username: fields.username, password: fields.password };
  if ('kind' in pair) {
    faults.push({ ...pair, key });
    return { key, username: '', password: '', email, fields };
  }
  return { key, username: pair.username ?? '', password: pair.password ?? '', email, fields };
}

/** User name and password of an `auth` field: base64 of both with a colon between them. */
export function decodeAuth(
  auth: string,
): { readonly username: string; readonly password: string } | Pick<ConfigFault, 'kind' | 'reason'> {
  const padded = auth.trimEnd().endsWith('=');
  const decoded = decodeBase64(auth, padded ? 'padded' : 'unpadded');
  if ('at' in decoded) {
    return { kind: 'auth-base64', reason: `its "auth" is not base64: illegal base64 data at input byte ${decoded.at}` };
  }
  const text = decodeUtf8(decoded.bytes);
  const colon = text.indexOf(':');
  if (colon < 0) {
    return { kind: 'auth-colon', reason: 'its "auth" is not base64 of "username:password": there is no colon in it' };
  }
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** An object whose values are texts, as far as Go is concerned. */
function checkHeaders(value: OrderedJson, faults: ConfigFault[]): void {
  const fits =
    value.type === 'null' ||
    (value.type === 'object' &&
      value.members.every((member) => member.value.type === 'string' || member.value.type === 'null'));
  if (!fits) faults.push({ kind: 'shape', reason: '"HttpHeaders" is not an object of texts' });
}

/** Names are compared as Go does it: without regard to case, where two further letters count as "s" and "k". */
function isName(name: string, lowerCase: string): boolean {
  return name.length <= 32 && name.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase() === lowerCase;
}

function nameOf(value: OrderedJson): string {
  return value.type === 'array' || value.type === 'object' ? `an ${value.type}` : `a ${value.type}`;
}
