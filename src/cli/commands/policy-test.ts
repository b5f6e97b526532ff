import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { policyTestOptions } from '../../config/index.js';
import { parsePolicyCases, runPolicyCase, type PolicyCaseResult } from '../../policy/index.js';
import { CliError } from '../cli-error.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { checkOutput, writeOutput } from '../output.js';
import { readPolicyFile, readPolicyText } from '../policy-file.js';
import { printable } from '../printable.js';
import { painter, type Painter } from '../terminal.js';

/** `tidewaiter policy test`: cases beside a policy, and whether it decides them as they say. */
export const policyTest: Command = {
  positionals: [{ name: 'FILE', required: true, many: true }],
  options: policyTestOptions,
  examples: [
    { line: 'tidewaiter policy test policy.yaml', does: 'the cases of policy.test.yaml' },
    { line: 'tidewaiter policy test policies/*.test.yaml', does: 'several, each with the policy beside it' },
    { line: 'tidewaiter policy test --policy next.yaml policy.test.yaml', does: 'old cases on a new policy' },
  ],
  notes: [
    'A case names what is judged and what should come of it; docs/policy.md shows how. A difference is exit code 1.',
  ],
  run,
};

interface Tried {
  readonly file: string;
  readonly policy: string;
  readonly results: readonly PolicyCaseResult[];
}

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const output = settings.text('output');
  if (output !== undefined) await checkOutput(output);
  const tried: Tried[] = [];
  for (const path of positionals) tried.push(await tryFile(path, settings.text('policy'), context.now()));
  const paint = painter(output === undefined && context.terminal.colors.stdout);
  const text = settings.text('format') === 'json' ? json(tried) : tried.map((one) => table(one, paint)).join('');
  await writeOutput([text], output, context.terminal);
  const results = tried.flatMap((one) => one.results);
  const wrong = results.filter(({ differences }) => differences.length > 0).length;
  if (results.length === 0) {
    throw new CliError('NO_CASES', `${positionals.join(', ')} ${positionals.length === 1 ? 'holds' : 'hold'} no case`, {
      hint: 'a policy without cases is not tried: add one under "cases:"',
    });
  }
  const cases = `${results.length} ${results.length === 1 ? 'case' : 'cases'}`;
  if (wrong === 0) return { exitCode: exitCodes.pass, resultLine: `result: pass: ${cases} as expected` };
  return { exitCode: exitCodes.verdictFails, resultLine: `result: fail: ${wrong} of ${cases} not as expected` };
}

async function tryFile(path: string, otherPolicy: string | undefined, now: Date): Promise<Tried> {
  const file = casesFile(path);
  if (file !== path && !(await exists(file))) {
    throw new CliError('NO_CASES', `there are no cases beside ${path}`, { hint: `write them into ${file}` });
  }
  const { policy: named, cases } = parsePolicyCases(await readPolicyText(file, 'file of cases'), file);
  const policyPath = otherPolicy ?? (named === undefined ? policyBeside(file) : join(dirname(file), named));
  const policy = await readPolicyFile(policyPath);
  return { file, policy: policyPath, results: cases.map((one) => runPolicyCase(policy, one, { now })) };
}

const casesEnding = /\.test\.(ya?ml|json)$/;

function casesFile(path: string): string {
  return casesEnding.test(path)
    ? path
    : path.replace(/\.(ya?ml|json)$|$/, (end) => `.test${end === '' ? '.yaml' : end}`);
}

function policyBeside(file: string): string {
  return file.replace(casesEnding, '.$1');
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    // Not there, or not to be looked at.
    return false;
  }
}

function table({ file, results }: Tried, paint: Painter): string {
  const lines = results.flatMap(({ case: one, differences, decision }) => {
    const title = `${printable(file)}:${one.line}  ${printable(one.name)}`;
    if (differences.length === 0) return [`${paint.green('PASS')}  ${title}  ${paint.dim(decision.outcome)}`];
    return [`${paint.red('FAIL')}  ${title}`, ...differences.map((difference) => `      ${printable(difference)}`)];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function json(tried: readonly Tried[]): string {
  const shown = tried.map(({ file, policy, results }) => ({
    file,
    policy,
    cases: results.map(({ case: one, decision, differences }) => ({
      name: one.name,
      line: one.line,
      passed: differences.length === 0,
      differences,
      decision,
    })),
  }));
  return `${JSON.stringify(shown, null, 2)}\n`;
}
