import { policyLintOptions } from '../../config/index.js';
import {
  lintPolicy,
  loadExpressions,
  parsePolicyCases,
  PolicyError,
  readPolicy,
  type PolicyProblem,
} from '../../policy/index.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { checkOutput, writeOutput } from '../output.js';
import { momentOf, readPolicyText } from '../policy-file.js';
import { printable } from '../printable.js';
import { painter, type Painter } from '../terminal.js';

/** `tidewaiter policy lint`: what is wrong with a policy, and what is odd in it. */
export const policyLint: Command = {
  positionals: [{ name: 'FILE', required: true, many: true }],
  options: policyLintOptions,
  examples: [
    { line: 'tidewaiter policy lint policy.yaml', does: 'is it a policy, and does it say what it seems to say' },
    {
      line: 'tidewaiter policy lint --strict policies/*.yaml',
      does: 'in a pipeline: warnings fail too; files of cases are read as such',
    },
    { line: 'tidewaiter policy lint --now 2027-01-01 policy.yaml', does: 'which exceptions will have ended by then' },
  ],
  notes: [
    'Errors make a policy unusable (exit code 2). Warnings are about entries that can never fit, rules and exceptions that\nhave no effect, and exceptions without reason, owner or end.',
  ],
  run,
};

interface Linted {
  readonly file: string;
  readonly problems: readonly PolicyProblem[];
}

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const output = settings.text('output');
  if (output !== undefined) await checkOutput(output);
  const now = momentOf(settings, context.now());
  const linted: Linted[] = [];
  for (const file of positionals)
    linted.push({ file, problems: await lintFile(file, await readPolicyText(file), now) });
  const paint = painter(output === undefined && context.terminal.colors.stdout);
  const isJson = settings.text('format') === 'json';
  await writeOutput([isJson ? json(linted) : table(linted, paint)], output, context.terminal);
  const problems = linted.flatMap((one) => one.problems);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const found = [count(errors, 'error'), count(warnings, 'warning')].filter((one) => one !== '').join(', ');
  if (errors > 0) return { exitCode: exitCodes.usage, resultLine: `result: error: ${found}` };
  if (warnings > 0 && settings.isOn('strict')) {
    return { exitCode: exitCodes.verdictFails, resultLine: `result: fail: ${found}` };
  }
  const files = positionals.length === 1 ? 'the policy is' : `all ${positionals.length} policies are`;
  return { exitCode: exitCodes.pass, resultLine: `result: pass: ${files} usable${found === '' ? '' : `, ${found}`}` };
}

/** What the policy itself can tell, and whether the rules of the manifest analysis that it names are there. */
async function lintFile(file: string, text: string, now: Date): Promise<readonly PolicyProblem[]> {
  if (/\.test\.(?:ya?ml|json)$/.test(file)) return casesProblems(file, text);
  const expressions = await loadExpressions(text);
  const problems = lintPolicy(text, { now, expressions });
  const { policy } = readPolicy(text, { expressions });
  if (!policy?.rules.some(({ check }) => check.id === 'manifest')) return problems;
  const { unknownManifestRules } = await import('../../subjects/index.js');
  return [...unknownManifestRules(policy), ...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}

function casesProblems(file: string, text: string): readonly PolicyProblem[] {
  try {
    parsePolicyCases(text, file);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    if (error.problems.length > 0) return error.problems;
    return [{ severity: 'error', code: 'NOT_YAML', line: 1, column: 1, path: '', message: error.message }];
  }
}

function table(linted: readonly Linted[], paint: Painter): string {
  const lines = linted.flatMap(({ file, problems }) =>
    problems.flatMap(({ severity, code, line, column, path, message, hint }) => {
      const kind = severity === 'error' ? paint.red('error') : paint.yellow('warning');
      const where = path === '' ? '' : `${printable(path)}: `;
      const first = `${paint.bold(`${printable(file)}:${line}:${column}`)}: ${kind}: ${where}${printable(message)} [${code}]`;
      return hint === undefined ? [first] : [first, `  ${paint.dim('hint:')} ${printable(hint)}`];
    }),
  );
  return lines.map((line) => `${line}\n`).join('');
}

function json(linted: readonly Linted[]): string {
  return `${JSON.stringify(linted, null, 2)}\n`;
}

function count(number: number, noun: string): string {
  return number === 0 ? '' : `${number} ${noun}${number === 1 ? '' : 's'}`;
}
