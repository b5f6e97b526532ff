import { parseMoment } from './duration.js';
import type { Members } from './members.js';
import { nearestWord } from './nearest-word.js';
import type { PolicyException, PolicyRule } from './policy.js';
import { quote } from './quote.js';
import { readPatterns } from './read-selector.js';

const keys = ['vulnerabilities', 'packages', 'images', 'namespaces', 'rules', 'reason', 'owner', 'expires'];
const lists = ['vulnerabilities', 'packages', 'images', 'namespaces', 'rules'] as const;

/** The exceptions of a document; a rule that one names must be there. */
export function readExceptions(root: Members, rules: readonly PolicyRule[]): readonly PolicyException[] {
  const names = rules.map((rule) => rule.name);
  return (root.objects('exceptions') ?? []).map((members) => readException(members, names));
}

function readException(members: Members, names: readonly string[]): PolicyException {
  members.only(keys);
  for (const key of lists) checkList(members, key);
  if (!['vulnerabilities', 'packages', 'rules'].some((key) => members.has(key))) {
    members.problem(undefined, {
      code: 'MISSING',
      message: 'the exception does not say what is accepted',
      hint: 'add vulnerabilities, packages or rules',
    });
  }
  return {
    vulnerabilities: members.texts('vulnerabilities'),
    packages: members.texts('packages'),
    images: readPatterns(members, 'images'),
    namespaces: members.texts('namespaces'),
    rules: readNames(members, names),
    reason: members.text('reason')?.replaceAll(/\s+/g, ' ').trim(),
    owner: members.text('owner'),
    expiresAt: members.parsed('expires', parseMoment, 'date (write 2027-01-31)'),
    line: members.line(),
  };
}

/** A part that is there and names nothing would fit nothing; who wrote it may have meant everything. */
function checkList(members: Members, key: string): void {
  if (members.isEmpty(key)) {
    members.problem(key, { code: 'WRONG_VALUE', message: `${key} names none`, hint: 'leave it out' });
  }
}

function readNames(members: Members, names: readonly string[]): readonly string[] | undefined {
  return members.parsedList<string>('rules', (text) => {
    if (names.includes(text)) return { value: text };
    const near = nearestWord(text, names);
    const hint = near === undefined ? `rules here: ${names.join(', ')}` : `did you mean ${near}?`;
    return { code: 'UNKNOWN_RULE', message: `there is no rule ${quote(text)}`, hint };
  });
}
