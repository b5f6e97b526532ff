import type { PullSecret, RegistryLogin, SecretFinding } from '../../pull-secrets/index.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { writeOutput } from '../output.js';
import { printable } from '../printable.js';
import { argumentName, readTextArgument } from '../read-argument.js';
import { formatOption } from '../shown-options.js';
import { painter, type Painter } from '../terminal.js';

/** `tidewaiter secret show`: what is in a pull secret, and what is wrong with it. */
export const secretShow: Command = {
  positionals: [{ name: 'FILE', required: true }],
  options: [formatOption],
  examples: [
    { line: 'kubectl get secret regcred -o yaml | tidewaiter secret show -', does: 'a secret of a cluster' },
    { line: 'tidewaiter secret show regcred.yaml', does: 'a secret in a file, YAML or JSON; there may be several' },
    { line: 'tidewaiter secret show ~/.docker/config.json', does: 'what it would be as a secret' },
    { line: 'tidewaiter secret show regcred.yaml --format json', does: 'for programs' },
  ],
  notes: [
    'Passwords are not printed, nor anything made of them.',
    'Exit code 0: nothing is wrong, or there is advice only; 1: something makes the secret useless in whole or in part;\n2: the file is no secret.',
  ],
  run,
};

/** With the key as it may be shown, and the images that the login is used for. */
type ShownLogin = RegistryLogin & { readonly images: string };

interface Shown {
  readonly secret: PullSecret;
  readonly registries: readonly ShownLogin[];
  readonly findings: readonly SecretFinding[];
}

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const file = positionals[0] ?? '';
  const text = await readTextArgument(file, 'secret');
  const { describeKey, lintPullSecret, readPullSecrets, readSecretLogins, redactKey } = await import(
    '../../pull-secrets/index.js'
  );
  const { secrets: all, notes } = readPullSecrets(text, argumentName(file));
  for (const note of notes) context.log('info', `note: ${note}, and is passed over`);
  const secrets = forRegistries(all);
  if (secrets.length < all.length) {
    context.log('info', `note: ${count(all.length - secrets.length, 'secret')} of other kinds: passed over`);
  }
  const shown = secrets.map((secret): Shown => {
    const reading = readSecretLogins(secret);
    const logins = reading.usable ? reading.config.logins : [];
    const registries = logins.map((login) => ({ ...login, key: redactKey(login.key), images: describeKey(login.key) }));
    const findings = lintPullSecret(secret).map((finding) => ({
      ...finding,
      key: finding.key === undefined ? undefined : redactKey(finding.key),
    }));
    return { secret, registries, findings };
  });
  const isJson = settings.text('format') === 'json';
  const paint = painter(context.terminal.colors.stdout);
  await writeOutput(
    [isJson ? json(shown) : shown.map((one) => table(one, paint)).join('\n')],
    undefined,
    context.terminal,
  );
  return outcomeOf(shown);
}

const dockerKeys = ['.dockerconfigjson', '.dockercfg'];

/** Those of a namespace's many secrets that are, or were meant to be, for registries; all when that is none. */
function forRegistries(secrets: readonly PullSecret[]): readonly PullSecret[] {
  const ours = secrets.filter(
    ({ type, data }) => type.startsWith('kubernetes.io/docker') || dockerKeys.some((key) => data.has(key)),
  );
  return ours.length > 0 ? ours : secrets;
}

function outcomeOf(shown: readonly Shown[]): Outcome {
  const findings = shown.flatMap((one) => one.findings);
  const many = (wanted: string): number => findings.filter(({ severity }) => severity === wanted).length;
  const keys = shown.flatMap(({ registries }) => registries).length;
  const holds = `${count(shown.length, 'secret')} with ${count(keys, 'key')}`;
  if (many('error') > 0) {
    return {
      exitCode: exitCodes.verdictFails,
      resultLine: `result: fail: ${count(many('error'), 'error')} in ${holds}`,
    };
  }
  const words = many('warning') > 0 ? `, and ${count(many('warning'), 'warning')}` : '';
  return { exitCode: exitCodes.pass, resultLine: `result: pass: ${holds}${words}` };
}

function count(many: number, noun: string): string {
  return `${many} ${noun}${many === 1 ? '' : 's'}`;
}

function table({ secret, registries, findings }: Shown, paint: Painter): string {
  const general = findings.filter(({ key }) => key === undefined || !registries.some((login) => login.key === key));
  const lines = [
    `${paint.bold(printable(secret.origin))}  ${printable(secret.type)}`,
    ...general.flatMap((finding) => findingLines(finding, '  ', paint)),
    ...registries.flatMap((login) => [
      `  ${paint.bold(printable(login.key))}`,
      `    User      ${login.username === '' ? 'none' : printable(login.username)}`,
      `    Password  ${login.password === '' ? 'none' : 'there, hidden'}`,
      ...(login.email === '' ? [] : [`    Email     ${printable(login.email)}`]),
      `    For       ${printable(login.images)}`,
      ...findings.filter(({ key }) => key === login.key).flatMap((finding) => findingLines(finding, '    ', paint)),
    ]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function findingLines({ severity, message, hint }: SecretFinding, indent: string, paint: Painter): readonly string[] {
  const label =
    severity === 'error' ? paint.red('error') : severity === 'warning' ? paint.yellow('warning') : paint.dim('advice');
  return [
    `${indent}${label}: ${printable(message)}`,
    ...(hint === undefined ? [] : [`${indent}  fix: ${printable(hint)}`]),
  ];
}

function json(shown: readonly Shown[]): string {
  const document = shown.map(({ secret, registries, findings }) => ({
    origin: secret.origin,
    name: secret.name,
    namespace: secret.namespace ?? null,
    type: secret.type,
    registries: registries.map(({ key, username, password, email, images }) => ({
      key,
      username,
      hasPassword: password !== '',
      email: email === '' ? null : email,
      images,
    })),
    findings,
  }));
  return `${JSON.stringify(document, null, 2)}\n`;
}
