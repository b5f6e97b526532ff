import type { RegistryAccess } from '../../access/index.js';
import { connectionOptions, readConnections } from '../../config/index.js';
import { formatReference, parseReference, type Reference } from '../../reference/index.js';
import type { SecretKeyring } from '../../pull-secrets/index.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { connectionVariables } from '../connection-variables.js';
import { candidateLines, trialJson } from '../credential-table.js';
import { nameOf, tryCredentials, warningsAbout, type Trial } from '../credential-trial.js';
import { exitCodes } from '../exit-codes.js';
import { writeOutput } from '../output.js';
import { printable } from '../printable.js';
import { argumentName, readTextArgument } from '../read-argument.js';
import { formatOption } from '../shown-options.js';
import { painter, type Painter } from '../terminal.js';

/** `tidewaiter secret check`: would a pull with this secret work? */
export const secretCheck: Command = {
  positionals: [
    { name: 'FILE', required: true },
    { name: 'IMAGE', required: true },
  ],
  options: [formatOption, ...connectionOptions],
  limited: true,
  examples: [
    {
      line: 'kubectl get secret regcred -o yaml | tidewaiter secret check - quay.io/team/app:1',
      does: 'would a pod with this pull secret get the image?',
    },
    { line: 'tidewaiter secret check regcred.yaml nginx --offline', does: 'only whether the kubelet would use it' },
    {
      line: 'tidewaiter secret check --cacert ca.pem regcred.yaml registry.example.com:5000/app',
      does: 'a private registry',
    },
  ],
  notes: [
    'Only what is in FILE is shown to the registry: neither your own logins nor those of a node. Several secrets in FILE are\ntaken as those of one pod, in their order.',
    'Exit code 0: the kubelet uses it, and the registry gives the image for it; 1: one of the two does not; 3: with --offline,\nwhen the kubelet would use it; 4: the registry could not be asked.',
  ],
  run,
};

interface Check {
  readonly reference: Reference;
  /** Why the kubelet uses none of the secrets, one clause each; then nothing else was looked at. */
  readonly unusable: readonly string[];
  readonly trial: Trial;
  readonly warnings: readonly string[];
}

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const [file = '', image = ''] = positionals;
  const reference = parseReference(image);
  const connections = await readConnections(settings, connectionVariables(context.environment));
  const secret = { name: argumentName(file), text: await readTextArgument(file, 'secret') };
  const check = await checkSecret(context, { ...connections, secrets: [secret] }, reference);
  const text = settings.text('format') === 'json' ? json(check) : table(check, painter(context.terminal.colors.stdout));
  await writeOutput([text], undefined, context.terminal);
  if (check.trial.failure !== undefined) throw check.trial.failure;
  return outcomeOf(check);
}

async function checkSecret(
  context: CommandContext,
  access: RegistryAccess & { readonly secrets: readonly { readonly name: string; readonly text: string }[] },
  reference: Reference,
): Promise<Check> {
  const { createSecretKeyring, readPullSecrets, redactKey } = await import('../../pull-secrets/index.js');
  const secrets = access.secrets.flatMap(({ name, text }) => readPullSecrets(text, name).secrets);
  const keyring = createSecretKeyring(secrets);
  const unusable = whyUnusable(keyring, secrets.length, redactKey);
  if (unusable.length > 0)
    return { reference, unusable, trial: { candidates: [], notAsked: 'there is nothing to show it' }, warnings: [] };
  // A pull without credentials would say nothing of the secret.
  const used = keyring.lookup(reference).length > 0;
  const trial = await tryCredentials(context, used ? access : { ...access, offline: true }, reference, {
    findManifest: true,
  });
  const asked = used ? trial : { ...trial, notAsked: 'no key matches' };
  return { reference, unusable, trial: asked, warnings: warningsAbout(trial.candidates, reference) };
}

function whyUnusable(
  { faults, passedOver }: SecretKeyring,
  secrets: number,
  redactKey: (key: string) => string,
): readonly string[] {
  const broken = faults.map(
    ({ secret, key, reason }) => `${secret.origin}${key === undefined ? '' : `, key "${redactKey(key)}"`}: ${reason}`,
  );
  if (broken.length > 0 || passedOver.length < secrets) return broken;
  return passedOver.map(({ secret, why }) => `${secret.origin}: ${why}`);
}

function outcomeOf({ reference, unusable, trial }: Check): Outcome {
  const image = formatReference(reference);
  const fail = (why: string): Outcome => ({ exitCode: exitCodes.verdictFails, resultLine: `result: fail: ${why}` });
  const [first] = unusable;
  if (first !== undefined) return fail(`the kubelet uses nothing of it: ${first}`);
  const matching = trial.candidates.filter(({ matches }) => matches);
  if (matching.length === 0) return fail(`the kubelet would not use it for ${image}: no key matches`);
  if (trial.notAsked !== undefined) {
    return {
      exitCode: exitCodes.incomplete,
      resultLine: `result: incomplete: the kubelet would use it, but the registry was not asked (${trial.notAsked})`,
    };
  }
  const used = trial.candidates.find((candidate) => candidate.used);
  if (!used) return fail(`${reference.registry} does not accept it`);
  if (!trial.manifest?.found) {
    return fail(`${reference.registry} accepts it, but gives no ${image}: ${trial.manifest?.answer ?? 'not asked'}`);
  }
  return {
    exitCode: exitCodes.pass,
    resultLine: `result: pass: the kubelet uses ${nameOf(used)}, and ${reference.registry} gives ${image} for it`,
  };
}

function table({ reference, unusable, trial, warnings }: Check, paint: Painter): string {
  const lines = [
    paint.bold(printable(formatReference(reference))),
    '',
    ...(unusable.length > 0
      ? [
          paint.bold('The kubelet uses nothing of the secret'),
          ...unusable.map((why) => `  ${paint.red('error')}  ${printable(why)}`),
        ]
      : candidateLines(trial, paint)),
    ...(trial.manifest ? [`Image                 ${trial.manifest.answer}`] : []),
    ...warnings.map((warning) => `${paint.yellow('Warning')}  ${printable(warning)}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function json({ reference, unusable, trial, warnings }: Check): string {
  const document = {
    image: formatReference(reference),
    usable: unusable.length === 0,
    problems: unusable,
    usedByKubelet: trial.candidates.some(({ matches }) => matches),
    ...trialJson(trial),
    manifest: trial.manifest ?? null,
    warnings,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
