import { limits } from '../../core/index.js';
import { asObject, readYamlStream, type YamlDocument } from '../../formats/index.js';
import { PolicyError } from '../errors.js';
import { Members, ProblemList } from './members.js';
import { policyApiVersion, type Policy } from './policy.js';
import type { PolicyProblem } from './problem.js';
import { plain, quote } from './quote.js';
import { readExceptions } from './read-exceptions.js';
import type { ReadOptions } from './read-options.js';
import { readIncomplete } from './read-incomplete.js';
import { readRules } from './read-rules.js';

/** A document as far as it could be read, and what is wrong with it. */
export interface ReadPolicy {
  /** There unless some problem is an error. */
  readonly policy?: Policy | undefined;
  /** In the order of the lines. */
  readonly problems: readonly PolicyProblem[];
  /** What stands where, for those who look further. */
  readonly document?: YamlDocument | undefined;
}

/**
 * The policy of a document. One with expressions needs their compiler (see `loadPolicy`), or it is an error.
 * @throws PolicyError `INVALID_POLICY` that names the first problem, with all of them.
 */
export function parsePolicy(text: string, name: string, options: ReadOptions = {}): Policy {
  const { policy, problems } = readPolicy(text, options);
  if (policy) return policy;
  const [first] = problems;
  const where = first ? `${name}:${first.line}:${first.column}: ${first.message}` : `${name} holds no policy`;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more: tidewaiter policy lint tells all)` : '';
  throw new PolicyError('INVALID_POLICY', `${where}${more}`, { hint: first?.hint, problems });
}

/** Reads a document and gathers everything that is wrong with it. */
export function readPolicy(text: string, options: ReadOptions = {}): ReadPolicy {
  if (text.length > limits.userFileBytes) {
    return failed({
      code: 'TOO_LARGE',
      line: 1,
      column: 1,
      message: `the file has more than ${limits.userFileBytes} bytes`,
    });
  }
  let document: YamlDocument | undefined;
  for (const part of readYamlStream(text)) {
    if (part.kind === 'empty') continue;
    const { line } = part;
    if (part.kind === 'broken') {
      return failed({ code: 'NOT_YAML', line, column: part.column, message: `not valid YAML: ${plain(part.reason)}` });
    }
    if (document) {
      return failed({
        code: 'NOT_A_POLICY',
        line,
        column: 1,
        message: 'a second document begins here, and a file holds one policy',
        hint: 'move it to a file of its own',
      });
    }
    document = part;
  }
  if (!document) return failed({ code: 'NOT_A_POLICY', line: 1, column: 1, message: 'the file is empty' });
  return readDocument(document, options);
}

function failed(problem: Pick<PolicyProblem, 'code' | 'line' | 'column' | 'message' | 'hint'>): ReadPolicy {
  return { problems: [{ severity: 'error', path: '', ...problem }] };
}

const topKeys = ['apiVersion', 'kind', 'metadata', 'action', 'rules', 'exceptions', 'incomplete', 'unchanged'];

function readDocument(document: YamlDocument, options: ReadOptions): ReadPolicy {
  const list = new ProblemList(document);
  const root = asObject(document.value);
  if (!root) {
    list.add([], { code: 'NOT_A_POLICY', message: 'the document is no mapping (key: value)', hint: header });
    return { problems: list.problems, document };
  }
  for (const { key, at } of document.repeatedKeys()) {
    const { line, column } = document.position(at);
    const message = `${quote(key)} stands twice in one mapping`;
    list.problems.push({ severity: 'error', code: 'REPEATED_KEY', line, column, path: '', message });
  }
  const members = new Members(list, root, []);
  checkHeader(members);
  if (list.problems.some((problem) => problem.code === 'NOT_A_POLICY')) return { problems: list.problems, document };
  members.only(topKeys);
  const metadata = members.object('metadata');
  metadata?.only(['name', 'description', 'labels', 'annotations']);
  const rules = readRules(members, options);
  const policy: Policy = {
    name: metadata?.text('name') ?? 'policy',
    description: metadata?.text('description'),
    rules,
    exceptions: readExceptions(members, rules),
    incomplete: readIncomplete(members),
    unchangedPasses: members.oneOf('unchanged', ['pass', 'judge']) !== 'judge',
  };
  const problems = [...list.problems].sort((a, b) => a.line - b.line || a.column - b.column);
  const isUsable = problems.every(({ severity }) => severity !== 'error');
  return { policy: isUsable ? policy : undefined, problems, document };
}

const header = `a policy begins with "apiVersion: ${policyApiVersion}" and "kind: Policy"`;

function checkHeader(members: Members): void {
  for (const [key, wanted] of [
    ['apiVersion', policyApiVersion],
    ['kind', 'Policy'],
  ] as const) {
    if (!members.has(key)) {
      members.problem(undefined, { code: 'NOT_A_POLICY', message: `${key} is missing`, hint: header });
      continue;
    }
    const given = members.text(key);
    if (given === undefined || given === wanted) continue;
    members.problem(key, { code: 'NOT_A_POLICY', message: `${key} is ${quote(given)}, not ${wanted}`, hint: header });
  }
}
