/** What a text looks like that should be secret: one noun with its article; `undefined` for a text that does not. */
export function secretIn(text: string): string | undefined {
  if (text.includes('PRIVATE KEY') && hasPrivateKey(text)) return 'a private key';
  let scanned = 0;
  for (const [word] of text.matchAll(/[A-Za-z0-9_.+/=-]{16,}/g)) {
    const found = secretWord(word);
    if (found) return found;
    if (++scanned > maxWords) break;
  }
  if (hasPasswordInUrl(text)) return 'a URL with a password';
  return hasPasswordSetting(text) ? 'a password' : undefined;
}

const maxWords = 100_000;

function hasPrivateKey(text: string): boolean {
  for (let at = text.indexOf('-----BEGIN '); at >= 0; at = text.indexOf('-----BEGIN ', at + 11)) {
    if (/^-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY/.test(text.slice(at, at + 60))) return true;
  }
  return false;
}

const shapes: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /(?:^|[^A-Za-z0-9])(?:AKIA|ASIA)[0-9A-Z]{16}(?:$|[^A-Za-z0-9])/, what: 'an access key of AWS' },
  { pattern: /(?:^|[^A-Za-z0-9])(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{20}/, what: 'a token of GitHub' },
  { pattern: /(?:^|[^A-Za-z0-9])glpat-[A-Za-z0-9_-]{16}/, what: 'a token of GitLab' },
  { pattern: /(?:^|[^A-Za-z0-9])xox[abposr]-[A-Za-z0-9-]{10}/, what: 'a token of Slack' },
  { pattern: /(?:^|[^A-Za-z0-9])AIza[0-9A-Za-z_-]{30}/, what: 'a key of Google' },
  { pattern: /(?:^|[^A-Za-z0-9])[rs]k_live_[0-9A-Za-z]{16}/, what: 'a key of Stripe' },
  { pattern: /(?:^|[^A-Za-z0-9])npm_[A-Za-z0-9]{30}/, what: 'a token of npm' },
];

function secretWord(word: string): string | undefined {
  if (isJwt(word)) return 'a JSON web token';
  return shapes.find(({ pattern }) => pattern.test(word))?.what;
}

/** Three parts of base64url, of which the first two are objects of JSON. */
function isJwt(word: string): boolean {
  const parts = word.slice(Math.max(0, word.lastIndexOf('=') + 1)).split('.', 4);
  return parts.length === 3 && /^eyJ[A-Za-z0-9_-]{6}/.test(parts[0] ?? '') && (parts[1] ?? '').startsWith('eyJ');
}

/** `scheme://user:password@host`, with a password that is no reference to something else. */
function hasPasswordInUrl(text: string): boolean {
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    const authority = /^[^\s/?#"'<>]{0,512}/.exec(text.slice(at + 3, at + 515))?.[0] ?? '';
    const sign = authority.lastIndexOf('@');
    const colon = authority.indexOf(':');
    if (colon < 0 || sign <= colon + 1) continue;
    if (isLiteral(authority.slice(colon + 1, sign))) return true;
  }
  return false;
}

/** `Server=db;Password=x`, as connections are written. */
function hasPasswordSetting(text: string): boolean {
  for (const [, value = ''] of text.matchAll(passwordSetting)) if (isLiteral(value)) return true;
  return false;
}

const passwordSetting = /[;?&](?:password|passwd|pwd|accountkey|sharedaccesskey)=([^;&\s"']{1,200})/gi;

/** Whether a variable, key or flag of this name holds a secret, by what people call secrets. */
export function namesSecret(name: string): boolean {
  if (name.length > 200) return false;
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  if (harmlessEndings.has(words.at(-1) ?? '')) return false;
  if (words.some((word) => secretWords.has(word))) return true;
  const joined = words.join('');
  return secretPairs.some((pair) => joined.endsWith(pair));
}

const secretWords: ReadonlySet<string> = new Set([
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'pass',
  'secret',
  'secrets',
  'token',
  'apikey',
  'credential',
  'credentials',
  'privatekey',
  'dbpassword',
  'mypassword',
  'pgpassword',
]);
const secretPairs = [
  'password',
  'apikey',
  'accesskey',
  'secretkey',
  'privatekey',
  'encryptionkey',
  'signingkey',
  'masterkey',
  'authkey',
];

/** `TOKEN_FILE` says where a secret is, `TOKEN_TTL` how long it lasts. */
const harmlessEndings: ReadonlySet<string> = new Set(
  (
    'age algorithm attempts audience class count dir directory duration enable enabled endpoint expiration expire expires expiry ' +
    'field file filename format header host id interval issuer kind length lifetime limit location max min mode mount name names ' +
    'namespace path paths period policy port prefix provider ref refresh region required retries rotation seconds service size source ' +
    'store suffix timeout ttl type uri url username user version'
  ).split(' '),
);

/** Whether a value that its name calls a key looks like one: `STRIPE_KEY`, but not `SORT_KEY: created`. */
export function isKeyLike(name: string, value: string): boolean {
  return (
    /(?:^|[^a-z])keys?$/i.test(name.slice(-20)) &&
    /^(?=[^0-9]{0,99}[0-9])(?=[^A-Za-z]{0,99}[A-Za-z])[A-Za-z0-9+/_=-]{16,100}$/.test(value)
  );
}

/** Whether a value is written out: no reference, no template, no switch. */
export function isLiteral(value: string): boolean {
  const bare = value.trim().replaceAll(/^["']|["']$/g, '');
  if (bare === '' || harmlessValues.has(bare.toLowerCase())) return false;
  return !/^(?:\$|%|<|\{\{|\/(?:etc|run|var|secrets?|mnt|vault)\/|file:|vault:|ref\+|\*+$|x{3,}$)/.test(bare);
}

const harmlessValues: ReadonlySet<string> = new Set(['true', 'false', 'none', 'null', 'nil', 'yes', 'no', 'on', 'off']);

/**
 * Why a word of a command line gives a secret away: `--password=x`, `DB_PASSWORD=x`, a flag whose value is the next
 * word, or a value that is one. `undefined` if it does not.
 */
export function secretInWord(word: string, next: string | undefined): string | undefined {
  const equals = word.indexOf('=');
  const name = (equals < 0 ? word : word.slice(0, equals)).replace(/^-{1,2}/, '');
  const isName = name.length > 0 && name.length < 80 && /^[A-Za-z][A-Za-z0-9_.-]*$/.test(name);
  if (isName && namesSecret(name)) {
    if (equals >= 0 && isLiteral(word.slice(equals + 1))) return `the value of ${name}`;
    if (equals < 0 && word.startsWith('--') && next !== undefined && !next.startsWith('-') && isLiteral(next)) {
      return `the value of ${name}`;
    }
  }
  return secretIn(word);
}

/** The names of secrets whose values a text of several lines (properties, YAML, shell) writes out. */
export function secretLines(text: string): readonly string[] {
  const names: string[] = [];
  for (const line of text.split('\n', maxLines)) {
    if (line.length > 1000) continue;
    const parts = /^[ \t]*(?:export[ \t]+|-[ \t]+)?["']?([A-Za-z][A-Za-z0-9_.-]{0,80})["']?[ \t]?[:=][ \t]?(?=\S)/.exec(
      line,
    );
    if (!parts || !namesSecret(parts[1] ?? '')) continue;
    const value = line.slice(parts[0].length).replace(/,[ \t]*$/, '');
    if (isLiteral(value) && !/^[|>{[&!]/.test(value)) names.push(parts[1] ?? '');
  }
  return names;
}

const maxLines = 20_000;
