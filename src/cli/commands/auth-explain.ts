import { readRegistryAccess, registryOptions } from '../../config/index.js';
import { formatReference, parseReference, type Reference } from '../../reference/index.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { candidateLines, trialJson } from '../credential-table.js';
import { nameOf, tryCredentials, warningsAbout, type Trial } from '../credential-trial.js';
import { exitCodes } from '../exit-codes.js';
import { writeOutput } from '../output.js';
import { printable } from '../printable.js';
import { formatOption } from '../shown-options.js';
import { painter, type Painter } from '../terminal.js';

/** `tidewaiter auth explain`: which credential goes where, and why. */
export const authExplain: Command = {
  positionals: [{ name: 'IMAGE', required: true }],
  options: [formatOption, ...registryOptions],
  limited: true,
  examples: [
    {
      line: 'tidewaiter auth explain quay.io/team/app:1',
      does: 'every credential that may fit, and what quay.io answers',
    },
    {
      line: 'tidewaiter auth explain --registry-secret regcred.yaml registry.example.com:5000/app',
      does: 'with the pull secret of a cluster',
    },
    { line: 'tidewaiter auth explain nginx --offline', does: 'which credentials match, without asking the registry' },
    {
      line: 'TIDEWAITER_PASSWORD=... tidewaiter auth explain reg.example.com/app --username ci --format json',
      does: 'for programs',
    },
  ],
  notes: [
    'Looked at in this order: --username, --registry-token, --registry-secret, DOCKER_AUTH_CONFIG, REGISTRY_AUTH_FILE or the\nauth.json of Podman, the config.json of Docker with its helpers. Secrets match as the kubelet matches them.',
    'No password and no token is printed, at no log level. Exit code 0: the registry accepts a credential, or needs none;\n1: it accepts none; 4: it could not be asked.',
  ],
  run,
};

interface Explanation extends Trial {
  readonly reference: Reference;
  readonly warnings: readonly string[];
}

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const reference = parseReference(positionals[0] ?? '');
  const trial = await tryCredentials(context, await readRegistryAccess(settings, context.environment), reference);
  const explanation = { ...trial, reference, warnings: warningsAbout(trial.candidates, reference) };
  const text =
    settings.text('format') === 'json'
      ? json(explanation)
      : table(explanation, painter(context.terminal.colors.stdout));
  await writeOutput([text], undefined, context.terminal);
  if (trial.failure !== undefined) throw trial.failure;
  return outcomeOf(explanation);
}

function outcomeOf({ reference, candidates, anonymous, notAsked }: Explanation): Outcome {
  const matching = candidates.filter(({ matches }) => matches).length;
  const { registry } = reference;
  const count = `${matching} of ${candidates.length} candidates ${matching === 1 ? 'matches' : 'match'}`;
  if (notAsked !== undefined) {
    return { exitCode: exitCodes.pass, resultLine: `result: ${count}; the registry was not asked (${notAsked})` };
  }
  const used = candidates.find((candidate) => candidate.used);
  if (used) {
    return { exitCode: exitCodes.pass, resultLine: `result: pass: ${registry} accepts ${nameOf(used)}` };
  }
  if (anonymous?.accepted) {
    return { exitCode: exitCodes.pass, resultLine: `result: pass: ${registry} needs no credential for this image` };
  }
  const why =
    matching === 0
      ? `no credential matches, and ${registry} asks for one`
      : `${registry} accepts none of the credentials (${count})`;
  return { exitCode: exitCodes.verdictFails, resultLine: `result: fail: ${why}` };
}

function table(explanation: Explanation, paint: Painter): string {
  const { reference, warnings } = explanation;
  const lines = [
    paint.bold(printable(formatReference(reference))),
    `  Registry    ${printable(reference.registry)}`,
    `  Repository  ${printable(reference.repository)}`,
    '',
    ...candidateLines(explanation, paint),
    ...warnings.map((warning) => `${paint.yellow('Warning')}  ${printable(warning)}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function json(explanation: Explanation): string {
  const { reference, warnings } = explanation;
  const { registry, repository } = reference;
  const document = { image: formatReference(reference), registry, repository, ...trialJson(explanation), warnings };
  return `${JSON.stringify(document, null, 2)}\n`;
}
