import { checkReaders, reservedChecks } from './read-checks.js';
import type { ReadOptions } from './read-options.js';
import { parseMoment } from './duration.js';
import type { Members } from './members.js';
import { policyActions, type Action, type PolicyCheck, type PolicyRule } from './policy.js';
import { quote } from './quote.js';
import { readSelector } from './read-selector.js';

const ruleKeys = ['name', 'action', 'hardensOn', 'match', 'exclude', 'fix'];
const maxRules = 1000;

/** The rules of a document; those that cannot be read are left out, with a problem. */
export function readRules(root: Members, options: ReadOptions): readonly PolicyRule[] {
  const fallback = root.oneOf('action', policyActions) ?? 'deny';
  if (!root.has('rules')) {
    root.problem(undefined, {
      code: 'MISSING',
      message: 'rules are missing',
      hint: 'add "rules:" with a list of rules',
    });
    return [];
  }
  const items = root.objects('rules') ?? [];
  if (items.length > maxRules) {
    root.problem('rules', { code: 'TOO_LARGE', message: `there are more than ${maxRules} rules` });
    return [];
  }
  const names = new Set<string>();
  return items.flatMap((members) => {
    const rule = readRule(members, fallback, options);
    if (!rule) return [];
    if (names.has(rule.name)) {
      members.problem('name', { code: 'NAME_TAKEN', message: `another rule is named ${quote(rule.name)} already` });
    }
    names.add(rule.name);
    return [rule];
  });
}

function readRule(members: Members, fallback: Action, options: ReadOptions): PolicyRule | undefined {
  members.only([...ruleKeys, ...Object.keys(checkReaders), ...reservedChecks.keys()]);
  const check = readCheck(members, options);
  const name = readName(members);
  const action = members.oneOf('action', policyActions) ?? fallback;
  const hardensAt = members.parsed('hardensOn', parseMoment, 'date (write 2027-01-31)');
  const match = members.has('match') ? readSelector(members.object('match')) : undefined;
  const exclude = members.has('exclude') ? readSelector(members.object('exclude')) : undefined;
  const fix = members.text('fix')?.replaceAll(/\s+/g, ' ').trim();
  if (!check || name === undefined) return undefined;
  return { name, check, action, hardensAt, match, exclude, fix, line: members.line() };
}

function readName(members: Members): string | undefined {
  if (!members.has('name')) {
    members.problem(undefined, { code: 'MISSING', message: 'the rule has no name', hint: 'add "name: short-words"' });
    return undefined;
  }
  const name = members.text('name');
  if (name === undefined || /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(name)) return name;
  members.problem('name', {
    code: 'WRONG_VALUE',
    message: `${quote(name)} is no name of a rule`,
    hint: 'letters, digits, ".", "_" and "-", at most 63, a letter or digit at both ends',
  });
  return undefined;
}

function readCheck(members: Members, options: ReadOptions): PolicyCheck | undefined {
  for (const [key, when] of reservedChecks) {
    if (members.has(key)) members.problem(key, { code: 'NOT_YET', message: `rules over ${when} are not there yet` });
  }
  const readers = Object.entries(checkReaders)
    .filter(([key]) => members.has(key))
    .sort(([a], [b]) => members.keys().indexOf(a) - members.keys().indexOf(b));
  const [first, second] = readers;
  if (second) {
    members.problem(second[0], {
      code: 'WRONG_VALUE',
      message: `a rule makes one demand, and this one has ${readers.map(([key]) => key).join(' and ')}`,
      hint: 'write one rule for each',
    });
    return undefined;
  }
  if (first) return first[1](members, options);
  // A key that is unknown is told already, with the one that may have been meant.
  if (members.keys().every((key) => ruleKeys.includes(key))) {
    members.problem(undefined, {
      code: 'MISSING',
      message: 'the rule demands nothing',
      hint: `add one of ${Object.keys(checkReaders).join(', ')}`,
    });
  }
  return undefined;
}
