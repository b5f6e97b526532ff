import { ConfigError, readPassword, type Settings } from '../../config/index.js';
import type { PullSecretRequest } from '../../pull-secrets/index.js';
import { ask, canAsk } from '../ask.js';
import { CliError } from '../cli-error.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { writeOutput } from '../output.js';
import { readBytesArgument } from '../read-argument.js';
import { secretCreateOptions } from '../secret-options.js';

/** `tidewaiter secret create docker-registry`: what kubectl makes of the same words, without a cluster. */
export const secretCreate: Command = {
  positionals: [
    { name: 'docker-registry', required: true },
    { name: 'NAME', required: true },
  ],
  options: secretCreateOptions,
  examples: [
    {
      line: 'pass show quay | tidewaiter secret create docker-registry regcred --docker-server=quay.io --docker-username=me --docker-password-stdin',
      does: 'the secret as YAML; the password stands on no command line',
    },
    {
      line: 'tidewaiter secret create docker-registry regcred --docker-server=quay.io --docker-username=me | kubectl apply -f -',
      does: 'asks for the password, and creates the secret in a cluster',
    },
    {
      line: 'tidewaiter secret create docker-registry regcred -n team --from-file=$HOME/.docker/config.json -o json',
      does: 'of what docker login wrote, as JSON',
    },
    {
      line: 'tidewaiter secret create docker-registry regcred --docker-username=me --docker-password=... | tidewaiter secret check - nginx',
      does: 'would it work?',
    },
  ],
  notes: [
    'The flags are those of kubectl create secret docker-registry, and so is the answer, to the byte. Nothing is sent\nanywhere. What is printed holds the password, in base64 only.',
    'A server that no kubelet would ever match with an image gets a warning.',
  ],
  run,
};

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const [type = '', name = ''] = positionals;
  if (type !== 'docker-registry') throw otherType(type);
  const { lintPullSecret, makePullSecret, readPullSecrets, renderPullSecret } = await import(
    '../../pull-secrets/index.js'
  );
  const secret = makePullSecret(await requestOf(context, settings, name));
  const form = settings.text('output') ?? 'yaml';
  await writeOutput(
    [renderPullSecret(secret, form === 'json' || form === 'name' ? form : 'yaml')],
    undefined,
    context.terminal,
  );
  for (const made of readPullSecrets(renderPullSecret(secret, 'json'), secret.name).secrets) {
    for (const { severity, message, hint } of lintPullSecret(made)) {
      if (severity !== 'info') context.log('warn', hint === undefined ? message : `${message}; ${hint}`);
    }
  }
  return { exitCode: exitCodes.pass, resultLine: `result: pass: the secret ${secret.name} is printed` };
}

function otherType(type: string): ConfigError {
  if (type === 'generic' || type === 'tls') {
    return new ConfigError('NOT_SERVED', `secret create makes secrets for registries, and none of type ${type}`, {
      hint: `use kubectl create secret ${type} --dry-run=client -o yaml`,
    });
  }
  return new ConfigError('INVALID_VALUE', `there is no type of secret "${type.slice(0, 60)}"`, {
    hint: 'write tidewaiter secret create docker-registry NAME',
  });
}

async function requestOf(context: CommandContext, settings: Settings, name: string): Promise<PullSecretRequest> {
  const base = {
    name,
    namespace: settings.text('namespace'),
    // An empty one is no default: kubectl refuses it, too.
    server: settings.text('docker-server') ?? '',
    email: settings.text('docker-email'),
    appendHash: settings.isOn('append-hash'),
    saveConfig: settings.isOn('save-config'),
  };
  const sources = settings.list('from-file');
  if (sources.length > 0) {
    checkFilesAlone(context, settings);
    return { ...base, files: await readFiles(sources) };
  }
  const username = settings.text('docker-username') ?? (await askFor(context, 'User: ', false));
  return { ...base, username, password: await passwordOf(context, settings, username) };
}

/** kubectl takes the file and says nothing; a password that goes nowhere is worth a word. */
function checkFilesAlone(context: CommandContext, settings: Settings): void {
  const passedOver = [
    'docker-username',
    'docker-password',
    'docker-email',
    'docker-server',
    'docker-password-stdin',
  ].filter((one) => settings.given(one) !== undefined);
  if (passedOver.length === 0) return;
  const names = passedOver.map((one) => `--${one}`).join(', ');
  context.log('warn', `${names}: not used, because --from-file has the credentials`);
}

async function readFiles(sources: readonly string[]): Promise<NonNullable<PullSecretRequest['files']>> {
  const { parseFileSource } = await import('../../pull-secrets/index.js');
  const files: { readonly key: string; readonly bytes: Uint8Array }[] = [];
  for (const source of sources) {
    const { key, path } = parseFileSource(source);
    files.push({ key, bytes: await readBytesArgument(path, 'file') });
  }
  return files;
}

async function passwordOf(
  context: CommandContext,
  settings: Settings,
  username: string | undefined,
): Promise<string | undefined> {
  const given = settings.text('docker-password');
  if (!settings.isOn('docker-password-stdin')) {
    return given ?? (username === undefined ? undefined : await askFor(context, 'Password: ', true));
  }
  if (settings.given('docker-password')?.source === 'command line') {
    throw new ConfigError('CONFLICT', '--docker-password and --docker-password-stdin both give the password', {
      hint: 'leave one of them out',
    });
  }
  return await readPassword(process.stdin);
}

/** Nobody to ask: kubectl's own sentence about what is missing follows. */
async function askFor(context: CommandContext, question: string, hidden: boolean): Promise<string | undefined> {
  if (!canAsk()) return undefined;
  const answer = await ask(question, { hidden, signal: context.signal });
  if (answer === '') throw new CliError('MISSING_ARGUMENT', 'nothing was typed', { hint: 'type it, or see --help' });
  return answer;
}
