import type { RegistryAccess } from '../access/index.js';
import { ConfigError } from './config-error.js';
import { readPassword } from './password.js';
import type { Settings } from './settings.js';
import { readUserFile, readUserStream } from './user-file.js';

/**
 * How registries are reached by these settings: pairs users with passwords, reads the files that are named, and checks
 * what the configuration file says of single registries. `--password-stdin` and `--registry-secret -` read `stdin` (default:
 * the process's) to its end.
 * @throws ConfigError `CONFLICT`, `INVALID_VALUE`, `FILE_NOT_FOUND`, `FILE_INVALID`; no sentence has a secret in it.
 */
export async function readRegistryAccess(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
  stdin?: AsyncIterable<Uint8Array>,
): Promise<RegistryAccess> {
  checkStandardInput(settings);
  const connections = await readConnections(settings, environment);
  const secrets = await readSecrets(settings, stdin);
  const logins = await readLogins(settings, stdin);
  return { ...connections, logins, secrets, registryToken: settings.text('registry-token') };
}

/**
 * The same for `connectionOptions` alone: nothing in it proves who we are, but what the environment leads to.
 * @throws ConfigError `INVALID_VALUE`, `FILE_NOT_FOUND`, `FILE_INVALID`
 */
export async function readConnections(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RegistryAccess> {
  // Most commands need none of it.
  const { readAliases, readHosts, readMirrors } = await import('./registry-places.js');
  const mirrors = readMirrors(settings);
  const aliases = readAliases(settings);
  const hosts = await readHosts(settings);
  const cacert = settings.text('cacert');
  const ca = cacert === undefined ? undefined : [await readAuthorities(cacert, settings.origin('cacert'))];
  const insecure = settings.isOn('insecure');
  return { environment, ca, insecure, hosts, mirrors, aliases, offline: settings.isOn('offline') };
}

/** There is one standard input, and its bytes can be one thing. */
function checkStandardInput(settings: Settings): void {
  const wanted = [
    ...(settings.text('input') === '-' ? ['--input -'] : []),
    ...(settings.isOn('password-stdin') ? ['--password-stdin'] : []),
    ...settings.list('registry-secret').flatMap((name) => (name === '-' ? ['--registry-secret -'] : [])),
  ];
  if (wanted.length < 2) return;
  throw new ConfigError('CONFLICT', `standard input cannot be all of ${wanted.join(', ')}`, {
    hint: 'give a password in the variable TIDEWAITER_PASSWORD, the others as files',
  });
}

/**
 * The PEM text of a file of certificate authorities.
 * @throws ConfigError `FILE_NOT_FOUND`, `FILE_INVALID`
 */
export async function readAuthorities(path: string, origin: string): Promise<string> {
  const { readCertificates } = await import('./pem-file.js');
  return await readCertificates(path, origin);
}

async function readLogins(
  settings: Settings,
  stdin: AsyncIterable<Uint8Array> | undefined,
): Promise<NonNullable<RegistryAccess['logins']>> {
  const usernames = settings.list('username');
  const passwords = settings.isOn('password-stdin')
    ? await passwordOfStdin(settings, usernames, stdin)
    : passwordsOf(settings, usernames.length);
  if (usernames.length !== passwords.length) throw unpaired(usernames.length, passwords.length, settings);
  return usernames.map((username, at) => ({ username, password: passwords[at] ?? '' }));
}

/**
 * The passwords that were given. The only one of an only user is taken whole: a comma or a blank in it divides nothing.
 */
export function passwordsOf(settings: Settings, users: number): readonly string[] {
  const passwords = settings.list('password');
  const texts = settings.given('password')?.texts ?? [];
  return users === 1 && texts.length === 1 && passwords.length > 1 ? texts : passwords;
}

async function passwordOfStdin(
  settings: Settings,
  usernames: readonly string[],
  stdin: AsyncIterable<Uint8Array> | undefined,
): Promise<readonly string[]> {
  if (settings.list('password').length > 0) {
    throw new ConfigError('CONFLICT', `${settings.origin('password')} and --password-stdin both give the password`, {
      hint: 'leave one of them out',
    });
  }
  if (usernames.length !== 1) {
    throw new ConfigError(
      'CONFLICT',
      `--password-stdin is the password of one user, and ${usernames.length === 0 ? 'none is' : `${usernames.length} are`} named`,
      { hint: 'name one with --username' },
    );
  }
  return [await readPassword(stdin ?? process.stdin)];
}

function unpaired(usernames: number, passwords: number, settings: Settings): ConfigError {
  const origin = usernames === 0 ? settings.origin('password') : settings.origin('username');
  return new ConfigError(
    'CONFLICT',
    `there must be as many passwords as users (${origin}): ${usernames} of --username, ${passwords} of --password`,
    {
      hint:
        passwords > usernames
          ? 'a comma divides the list: put a password that has one into double quotes, or use --password-stdin'
          : 'add --password-stdin, or the variable TIDEWAITER_PASSWORD',
    },
  );
}

async function readSecrets(
  settings: Settings,
  stdin: AsyncIterable<Uint8Array> | undefined,
): Promise<NonNullable<RegistryAccess['secrets']>> {
  const secrets: { readonly name: string; readonly text: string }[] = [];
  for (const name of settings.list('registry-secret')) {
    if (name === '-') {
      const bytes = await readUserStream(stdin ?? process.stdin, 'registry secret on standard input');
      secrets.push({ name: 'standard input', text: new TextDecoder().decode(bytes) });
      continue;
    }
    const text = await readUserFile(name, 'registry secret');
    if (text === undefined) {
      throw new ConfigError('FILE_NOT_FOUND', `there is no registry secret ${name}`, {
        hint: `name files that exist with --registry-secret (given by ${settings.origin('registry-secret')})`,
      });
    }
    secrets.push({ name, text });
  }
  return secrets;
}
