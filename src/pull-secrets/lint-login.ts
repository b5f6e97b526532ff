import type { RegistryLogin } from './docker-config.js';
import type { SecretFinding } from './lint-key.js';

/** What is wrong with what stands under a key. */
export function lintLogin(login: RegistryLogin): readonly SecretFinding[] {
  const { key, username, password, fields } = login;
  const add = (severity: 'error' | 'warning', id: string, message: string, hint: string): SecretFinding => ({
    id,
    severity,
    key,
    message,
    hint,
  });
  const found: SecretFinding[] = [];
  const ignored = fields.ignored.filter((name) => /^(?:identitytoken|registrytoken)$/i.test(name));
  if (ignored.length > 0) {
    found.push(
      add(
        'warning',
        'token-ignored',
        `the kubelet does not read ${ignored.join(' and ')}`,
        'use a user name and a password, or an access token as password',
      ),
    );
  }
  if (username === '' && password === '') {
    found.push(
      add(
        'error',
        'login-empty',
        'it has neither user name nor password: the kubelet shows the registry empty ones',
        'add "auth", or take the entry out',
      ),
    );
    return found;
  }
  if (username === '')
    found.push(add('warning', 'username-missing', 'it has no user name', 'add one; with some tokens any will do'));
  if (password === '')
    found.push(add('error', 'password-missing', 'it has no password', 'add one, in "auth" or as "password"'));
  if (!fields.auth) {
    found.push(
      add(
        'warning',
        'auth-missing',
        'it has no "auth": enough for the kubelet, but other programs read nothing else',
        'add base64 of "username:password" as "auth"',
      ),
    );
  } else if (disagrees(fields.username, username) || disagrees(fields.password, password)) {
    found.push(
      add(
        'warning',
        'auth-disagrees',
        '"auth" says something else than "username" and "password", and goes before them',
        'make them agree, or leave the other two out',
      ),
    );
  }
  return [...found, ...lintBlanks(login)];
}

function disagrees(written: string | undefined, used: string): boolean {
  return written !== undefined && written !== '' && written !== used;
}

/** `echo secret | base64` puts a line end into the password. */
function lintBlanks({ key, username, password }: RegistryLogin): readonly SecretFinding[] {
  const found: SecretFinding[] = [];
  for (const [what, text] of [
    ['user name', username],
    ['password', password],
  ] as const) {
    const id = what === 'password' ? 'password-blank' : 'username-blank';
    if (/[\r\n]$/.test(text)) {
      const hint = 'encode it without one: printf %s instead of echo';
      found.push({ id, severity: 'warning', key, message: `its ${what} ends with a line end`, hint });
    } else if (text !== text.trim()) {
      const hint = 'leave the blank out, if it is none of it';
      found.push({ id, severity: 'warning', key, message: `its ${what} begins or ends with a blank`, hint });
    }
  }
  return found;
}
