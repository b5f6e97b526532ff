import {
  connectionOptions,
  ConfigError,
  readConnections,
  readPassword,
  type Option,
  type Settings,
} from '../../config/index.js';
import { ask, canAsk } from '../ask.js';
import { CliError } from '../cli-error.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { connectionVariables } from '../connection-variables.js';
import { exitCodes } from '../exit-codes.js';
import { registryOfServer } from '../login-server.js';
import { writeOutput } from '../output.js';

const options: readonly Option[] = [
  {
    name: 'username',
    short: 'u',
    type: 'text',
    group: 'works',
    section: 'Registry',
    valueName: 'user',
    summary: 'user; asked for on a terminal',
  },
  {
    name: 'password',
    short: 'p',
    type: 'text',
    group: 'works',
    section: 'Registry',
    valueName: 'password',
    exposed: 'use --password-stdin',
    summary: 'password or token; asked for on a terminal, where it does not appear',
  },
  {
    name: 'password-stdin',
    type: 'switch',
    fallback: 'false',
    group: 'works',
    section: 'Registry',
    summary: 'read the password from standard input',
  },
  ...connectionOptions,
];

/** `tidewaiter login`, as `docker login`: what it keeps, docker and others read. */
export const login: Command = {
  positionals: [{ name: 'SERVER', required: false }],
  options,
  examples: [
    { line: 'tidewaiter login', does: 'to Docker Hub; user and password are asked for' },
    { line: 'printf %s "$TOKEN" | tidewaiter login ghcr.io -u me --password-stdin', does: 'in a script' },
    {
      line: 'tidewaiter login --cacert ca.pem registry.example.com:5000 -u ci',
      does: 'a registry with its own authority',
    },
  ],
  notes: [
    'The registry is asked first; what it refuses is not kept. The credential goes where docker keeps it: to the helper that\nits config.json names, or into that file (DOCKER_CONFIG names its folder, else it is .docker in your home). With\nREGISTRY_AUTH_FILE it goes there, as podman login has it.',
  ],
  run,
};

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const registry = registryOfServer(positionals[0]);
  const credential = await credentialOf(context, settings);
  await checkCredential(context, settings, { registry, ...credential });
  const { storeCredential } = await import('../../credentials/index.js');
  const { where, unencrypted } = await storeCredential(context, {
    registry,
    credential,
    environment: context.environment,
  });
  if (unencrypted) {
    context.log(
      'warn',
      `${where} holds the password as it is; a helper program (credsStore in that file) would hide it`,
    );
  }
  await writeOutput(['Login Succeeded\n'], undefined, context.terminal);
  return { exitCode: exitCodes.pass, resultLine: `result: pass: logged in to ${registry} (${where})` };
}

interface Login {
  readonly username: string;
  readonly password: string;
}

async function credentialOf(context: CommandContext, settings: Settings): Promise<Login> {
  const fromStdin = settings.isOn('password-stdin');
  if (fromStdin && settings.given('password') !== undefined) {
    throw new ConfigError('CONFLICT', '--password and --password-stdin both give the password', {
      hint: 'leave one of them out',
    });
  }
  if (fromStdin && settings.text('username') === undefined) {
    throw new ConfigError('CONFLICT', '--password-stdin needs the user', { hint: 'name one with --username' });
  }
  const username =
    settings.text('username') ?? (await askFor(context, { what: 'user', option: '--username', hidden: false }));
  const password = fromStdin
    ? await readPassword(process.stdin)
    : (settings.text('password') ??
      (await askFor(context, { what: 'password', option: '--password-stdin', hidden: true })));
  if (username.includes(':')) {
    throw new ConfigError('INVALID_VALUE', 'the user has a colon in it, which no registry takes', {
      hint: 'the password goes into --password-stdin',
    });
  }
  return { username, password };
}

async function askFor(
  context: CommandContext,
  { what, option, hidden }: { readonly what: string; readonly option: string; readonly hidden: boolean },
): Promise<string> {
  if (!canAsk()) {
    throw new CliError('MISSING_ARGUMENT', `no ${what} is given, and there is no terminal to ask for one`, {
      hint: `use ${option}`,
    });
  }
  const answer = await ask(`${what === 'user' ? 'Username' : 'Password'}: `, { hidden, signal: context.signal });
  if (answer !== '') return answer;
  throw new CliError('MISSING_ARGUMENT', `no ${what} was typed`, { hint: `type it, or use ${option}` });
}

/** Shows the registry this credential and no other. */
async function checkCredential(
  context: CommandContext,
  settings: Settings,
  { registry, username, password }: Login & { readonly registry: string },
): Promise<void> {
  const connections = await readConnections(settings, connectionVariables(context.environment));
  const { openAccess } = await import('../../access/index.js');
  const access = openAccess({ ...connections, logins: [{ username, password }] });
  try {
    const { tried } = await (await access.registry()).tryCredentials(context, { registry });
    const [mine] = tried;
    if (mine?.accepted) return;
    const { RegistryError } = await import('../../registry/index.js');
    throw new RegistryError(
      'UNAUTHORIZED',
      `${registry} refuses this user and password: ${mine?.answer ?? 'no answer'}`,
      {
        hint: 'many registries want a token in place of the password; nothing was kept',
      },
    );
  } finally {
    await access.close();
  }
}
