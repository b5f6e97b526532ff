import { severities, type Severity } from '../../findings/index.js';
import { parseDuration } from './duration.js';
import type { Members } from './members.js';
import type { CheckId, PolicyCheck } from './policy.js';
import { quote } from './quote.js';
import { readExpressions } from './read-expressions.js';
import { readOpa } from './read-opa.js';
import type { ReadOptions } from './read-options.js';
import { readPatterns } from './read-selector.js';

/** Keys that later versions will know, and what they will be about. */
export const reservedChecks: ReadonlyMap<string, string> = new Map([
  ['footprint', 'the footprint of an image (score, tools, root, secrets)'],
  ['signatures', 'signatures and attestations'],
]);

/** The key of each demand and its reader, which is given the rule that holds the key. */
export const checkReaders: Readonly<Record<CheckId, (rule: Members, options: ReadOptions) => PolicyCheck | undefined>> =
  {
    registries: readRegistries,
    official: (rule) => (rule.demanded('official') ? { id: 'official' } : undefined),
    tags: readTags,
    digest: (rule) => (rule.demanded('digest') ? { id: 'digest' } : undefined),
    scan: readScan,
    vulnerabilities: readVulnerabilities,
    podSecurity: (rule) => {
      const level = rule.oneOf('podSecurity', ['baseline', 'restricted']);
      return level && { id: 'podSecurity', level };
    },
    kubesec: readKubesec,
    manifest: readManifest,
    opa: readOpa,
    expressions: readExpressions,
  };

function readRegistries(rule: Members): PolicyCheck | undefined {
  const members = rule.object('registries');
  if (!members) return undefined;
  members.only(['allow', 'deny']);
  const allow = readPatterns(members, 'allow');
  const deny = readPatterns(members, 'deny');
  needsOne(members, ['allow', 'deny']);
  return { id: 'registries', allow, deny: deny ?? [] };
}

function readTags(rule: Members): PolicyCheck | undefined {
  const members = rule.object('tags');
  if (!members) return undefined;
  members.only(['allow', 'deny']);
  const allow = readTagPatterns(members, 'allow');
  const deny = readTagPatterns(members, 'deny');
  needsOne(members, ['allow', 'deny']);
  return { id: 'tags', allow, deny: deny ?? [] };
}

function readTagPatterns(members: Members, key: string): readonly string[] | undefined {
  return members.parsedList<string>(key, (text) => {
    if (/^[A-Za-z0-9_*][A-Za-z0-9_.*-]{0,127}$/.test(text)) return { value: text };
    const message = `${quote(text)} can fit no tag`;
    return { code: 'WRONG_ENTRY', message, hint: 'letters, digits, "_", ".", "-", and "*" for any run of them' };
  });
}

function readScan(rule: Members): PolicyCheck | undefined {
  const members = rule.object('scan');
  if (!members) return undefined;
  members.only(['maxAge', 'maxDatabaseAge']);
  needsOne(members, ['maxAge', 'maxDatabaseAge']);
  return {
    id: 'scan',
    maxAgeMs: readDuration(members, 'maxAge'),
    maxDatabaseAgeMs: readDuration(members, 'maxDatabaseAge'),
  };
}

function readVulnerabilities(rule: Members): PolicyCheck | undefined {
  const members = rule.object('vulnerabilities');
  if (!members) return undefined;
  members.only(['severity', 'severities', 'cvss', 'fixable', 'packages', 'ids', 'grace', 'graceFrom']);
  const graceFrom = members.oneOf('graceFrom', ['published', 'firstSeen']);
  if (graceFrom !== undefined && !members.has('grace')) {
    members.problem('graceFrom', {
      code: 'MISSING',
      message: 'graceFrom stands without grace',
      hint: 'add "grace: 14d"',
    });
  }
  return {
    id: 'vulnerabilities',
    severities: readSeverities(members),
    minCvss: members.number('cvss', [0, 10]),
    fixable: members.boolean('fixable'),
    packages: notEmpty(members, 'packages'),
    ids: notEmpty(members, 'ids'),
    graceMs: readDuration(members, 'grace') ?? 0,
    graceFrom: graceFrom ?? 'published',
  };
}

function readKubesec(rule: Members): PolicyCheck | undefined {
  const members = rule.object('kubesec');
  if (!members) return undefined;
  members.only(['minScore']);
  needsOne(members, ['minScore']);
  const minScore = members.number('minScore', [-1000, 1000]);
  return minScore === undefined ? undefined : { id: 'kubesec', minScore };
}

function readManifest(rule: Members): PolicyCheck | undefined {
  const members = rule.object('manifest');
  if (!members) return undefined;
  members.only(['severity', 'severities', 'rules', 'except']);
  return {
    id: 'manifest',
    severities: readSeverities(members),
    rules: notEmpty(members, 'rules'),
    except: members.texts('except') ?? [],
  };
}

/** `severity`: this one and those above; `severities`: exactly these. In rising order. */
function readSeverities(members: Members): readonly Severity[] | undefined {
  const least = members.oneOf('severity', severities);
  const named = members.parsedList<Severity>('severities', (text) => {
    const value = severities.find((severity) => severity === text);
    if (value !== undefined) return { value };
    return { code: 'WRONG_VALUE', message: `${quote(text)} is no severity`, hint: `one of ${severities.join(', ')}` };
  });
  if (members.has('severity') && members.has('severities')) {
    members.problem('severities', {
      code: 'WRONG_VALUE',
      message: 'severity and severities exclude each other',
      hint: 'severity is this one and above, severities are exactly these',
    });
  }
  if (members.isEmpty('severities'))
    members.problem('severities', { code: 'WRONG_VALUE', message: 'severities names none' });
  if (least !== undefined) return severities.slice(severities.indexOf(least));
  return named && severities.filter((severity) => named.includes(severity));
}

function notEmpty(members: Members, key: string): readonly string[] | undefined {
  if (members.isEmpty(key))
    members.problem(key, { code: 'WRONG_VALUE', message: `${key} names none`, hint: 'leave it out' });
  return members.texts(key);
}

function readDuration(members: Members, key: string): number | undefined {
  return members.parsed(key, parseDuration, 'length of time (write 12h, 7d or 2w)');
}

function needsOne(members: Members, keys: readonly string[]): void {
  if (keys.some((key) => members.has(key))) return;
  members.problem(undefined, { code: 'MISSING', message: `it needs ${keys.join(' or ')}` });
}
