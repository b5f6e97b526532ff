import { policyExplainOptions } from '../../config/index.js';
import {
  explainImage,
  explainPolicy,
  type ExplainedImage,
  type ExplainedRule,
  type Policy,
} from '../../policy/index.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { checkOutput, writeOutput } from '../output.js';
import { momentOf, readPolicyFile } from '../policy-file.js';
import { printable } from '../printable.js';
import { painter, type Painter } from '../terminal.js';

/** `tidewaiter policy explain`: what a policy demands, in words; and of an image, which entry allows or denies it. */
export const policyExplain: Command = {
  positionals: [
    { name: 'FILE', required: true },
    { name: 'IMAGE', required: false, many: true },
  ],
  options: policyExplainOptions,
  examples: [
    { line: 'tidewaiter policy explain policy.yaml', does: 'what it demands, and what hardens when' },
    { line: 'tidewaiter policy explain policy.yaml nginx quay.io/team/app:1', does: 'which entry decides of a name' },
    { line: 'tidewaiter policy explain --namespace prod policy.yaml nginx', does: 'the same in one namespace' },
  ],
  notes: ['Names are judged, images are not fetched: for the whole verdict there is "tidewaiter check".'],
  run,
};

interface ExplainedName {
  readonly image: string;
  readonly rules: readonly ExplainedImage[];
}

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const output = settings.text('output');
  if (output !== undefined) await checkOutput(output);
  const [file = '', ...images] = positionals;
  const policy = await readPolicyFile(file);
  const now = momentOf(settings, context.now());
  const namespace = settings.text('namespace');
  for (const image of images) {
    if (/\.(?:ya?ml|json|tar|tgz)$|^[./~]/.test(image)) {
      context.log('warn', `${image} is taken for the name of an image; "tidewaiter check" judges files`);
    }
  }
  const rules = explainPolicy(policy, { now });
  const names = images.map((image) => ({ image, rules: explainImage(policy, image, { now, namespace }) }));
  const paint = painter(output === undefined && context.terminal.colors.stdout);
  const text =
    settings.text('format') === 'json'
      ? `${JSON.stringify({ policy: policy.name, description: policy.description, rules, images: names }, null, 2)}\n`
      : images.length === 0
        ? policyWords(policy, rules, paint)
        : names.map((one) => nameWords(one, paint)).join('\n');
  await writeOutput([text], output, context.terminal);
  return { exitCode: exitCodes.pass, resultLine: `result: pass: ${resultWords(policy, names)}` };
}

function resultWords({ rules }: Policy, names: readonly ExplainedName[]): string {
  if (names.length === 0) return `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'} explained`;
  const broken = names.filter((one) => one.rules.some(({ answer }) => answer === 'broken')).length;
  return `${broken} of ${names.length} ${names.length === 1 ? 'name' : 'names'} would break a rule`;
}

function policyWords(policy: Policy, rules: readonly ExplainedRule[], paint: Painter): string {
  const lines = [paint.bold(`policy ${printable(policy.name)}`)];
  if (policy.description !== undefined) lines.push(printable(policy.description.trim()));
  for (const { rule, action, demands, scope, hardensOn } of rules) {
    const hardens = hardensOn === undefined ? '' : `, denies from ${hardensOn}`;
    lines.push('', `${paint.bold(printable(rule))} (${action}${hardens})`, `  ${printable(demands)}`);
    if (scope !== undefined) lines.push(`  ${printable(scope)}`);
  }
  const { exceptions, incomplete, unchangedPasses } = policy;
  const codes = [...incomplete.codes].map(([code, action]) => `${code}: ${action}`);
  lines.push(
    '',
    paint.bold('what cannot be assessed'),
    `  ${incomplete.action}; while a scan is under way: ${incomplete.pending}${codes.length === 0 ? '' : `; ${codes.join(', ')}`}`,
    paint.bold('updates that leave an image as it was'),
    `  ${unchangedPasses ? 'pass' : 'are judged like new ones'}`,
  );
  if (exceptions.length > 0) {
    lines.push(paint.bold('exceptions'));
    for (const { vulnerabilities, packages, rules: named, reason, owner, expiresAt } of exceptions) {
      const what = [...(vulnerabilities ?? []), ...(packages ?? []), ...(named ?? [])].join(', ');
      const until = expiresAt === undefined ? 'without end' : `until ${expiresAt.toISOString().slice(0, 10)}`;
      const who = owner === undefined ? '' : `, ${owner}`;
      lines.push(`  ${printable(`${what} ${until}: ${reason ?? 'no reason given'}${who}`)}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

function nameWords({ image, rules }: ExplainedName, paint: Painter): string {
  const width = Math.max(...rules.map(({ rule }) => rule.length), 4);
  const rows = rules.map(({ rule, answer, action, why }) => {
    const word = answer === 'broken' ? action : answer === 'met' ? 'ok' : '-';
    const colour = answer !== 'broken' ? 'green' : action === 'deny' ? 'red' : 'yellow';
    return `  ${paint[colour](word.padEnd(5))}  ${rule.padEnd(width)}  ${printable(why)}`;
  });
  return [paint.bold(printable(image)), ...rows].map((line) => `${line}\n`).join('');
}
