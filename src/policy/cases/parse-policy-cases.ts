import { limits } from '../../core/index.js';
import { asObject, readFirstYaml, type JsonObject } from '../../formats/index.js';
import { severities, unknownCodes } from '../../findings/index.js';
import type {
  FindingFact,
  ManifestFact,
  PolicyAnswer,
  PolicySubject,
  ScanKnowledge,
  WorkloadKnowledge,
} from '../decision/subject.js';
import { parseMoment } from '../document/duration.js';
import { Members, ProblemList } from '../document/members.js';
import { policyUnknownCodes } from '../document/policy.js';
import type { PolicyProblem } from '../document/problem.js';
import { plain } from '../document/quote.js';
import { PolicyError } from '../errors.js';
import type { EngineAnswers, ExpectedDecision, PolicyCase, PolicyCases } from './policy-case.js';

/**
 * The cases of a file.
 * @throws PolicyError `INVALID_CASES` that names the first problem, with all of them.
 */
export function parsePolicyCases(text: string, name: string): PolicyCases {
  if (text.length > limits.userFileBytes) throw failed(name, 1, `it has more than ${limits.userFileBytes} bytes`);
  const part = readFirstYaml(text);
  if (part.kind === 'broken') throw failed(name, part.line, `not valid YAML: ${plain(part.reason)}`);
  const root = part.kind === 'document' ? asObject(part.value) : undefined;
  if (part.kind !== 'document' || !root) throw failed(name, part.line, 'the file holds no mapping with "cases:"');
  const list = new ProblemList(part);
  const members = new Members(list, root, []);
  members.only(['policy', 'now', 'cases']);
  if (!members.has('cases')) members.problem(undefined, { code: 'MISSING', message: 'cases are missing' });
  const now = readMoment(members, 'now');
  const cases = (members.objects('cases') ?? []).flatMap((one, at) => readCase(one, at, now) ?? []);
  const policy = members.text('policy');
  const [first] = list.problems;
  if (first) throw failed(name, first.line, `${first.path}: ${first.message}`, list.problems);
  return { policy, cases };
}

function failed(name: string, line: number, message: string, problems: readonly PolicyProblem[] = []): PolicyError {
  const [first] = problems;
  return new PolicyError('INVALID_CASES', `${name}:${line}: ${message}`, { hint: first?.hint, problems });
}

const caseKeys = [
  'name',
  'now',
  'image',
  'images',
  'namespace',
  'labels',
  'unchanged',
  'scan',
  'workload',
  'object',
  'request',
  'opa',
  'expect',
];

function readCase(members: Members, at: number, fileNow: Date | undefined): PolicyCase | undefined {
  members.only(caseKeys);
  const expected = readExpected(members);
  if (!expected) return undefined;
  return {
    name: members.text('name') ?? `case ${at + 1}`,
    subject: readSubject(members),
    engines: readAnswers(members),
    now: readMoment(members, 'now') ?? fileNow,
    expected,
    line: members.line(),
  };
}

function readSubject(members: Members): PolicySubject {
  const image = members.isText('image') ? members.rawText('image') : undefined;
  if (members.has('image') && image === undefined) members.text('image');
  const images = [...(image === undefined ? [] : [image]), ...(members.texts('images') ?? [])];
  const scan = readScan(members);
  const unchanged = members.boolean('unchanged');
  return {
    images: images.map((text) => ({ text, unchanged, scan })),
    namespace: members.text('namespace'),
    labels: members.textMap('labels'),
    workload: readWorkload(members, unchanged),
    ...readObject(members),
    request: readRequest(members),
    unchanged,
  };
}

const scanStates = ['pending', 'failed', 'missing'] as const;

function readScan(members: Members): ScanKnowledge | undefined {
  if (!members.has('scan')) return undefined;
  if (members.isText('scan')) {
    const state = members.oneOf('scan', scanStates);
    if (state === 'pending') return { state };
    const code = state === 'failed' ? 'SCAN_FAILED' : 'NOT_SCANNED';
    return { state: 'missing', code, reason: state === 'failed' ? 'the scan failed' : 'it was not scanned' };
  }
  const scan = members.object('scan');
  if (!scan) return undefined;
  scan.only(['digest', 'scannedAt', 'databaseUpdatedAt', 'findings', 'unknowns']);
  const codes = [...unknownCodes, ...policyUnknownCodes] as const;
  const unknowns = scan.parsedList<string>('unknowns', (text) => {
    if (codes.some((code) => code === text)) return { value: text };
    return { code: 'WRONG_VALUE', message: `${plain(text)} is no code of an unknown` };
  });
  return {
    state: 'scanned',
    facts: {
      digest: scan.text('digest'),
      scannedAt: readMoment(scan, 'scannedAt')?.toISOString(),
      databaseUpdatedAt: readMoment(scan, 'databaseUpdatedAt')?.toISOString(),
      findings: (scan.objects('findings') ?? []).map(readFinding),
      unknowns: (unknowns ?? []).map((code) => ({ code, subject: '', reason: `it could not be assessed (${code})` })),
    },
  };
}

function readFinding(members: Members): FindingFact {
  members.only(['id', 'package', 'installed', 'fixed', 'severity', 'cvss', 'published', 'firstSeen']);
  return {
    vulnerabilityId: members.text('id') ?? 'CVE-0000-0000',
    packageName: members.text('package') ?? 'some-package',
    installedVersion: members.text('installed') ?? '1',
    fixedVersion: members.text('fixed') ?? '',
    severity: members.oneOf('severity', severities) ?? 'UNKNOWN',
    cvss: members.number('cvss', [0, 10]),
    publishedAt: readMoment(members, 'published')?.toISOString(),
    firstSeenAt: readMoment(members, 'firstSeen')?.toISOString(),
  };
}

function readWorkload(members: Members, unchanged: boolean | undefined): WorkloadKnowledge | undefined {
  if (!members.has('workload')) return undefined;
  if (members.isText('workload')) {
    members.oneOf('workload', ['missing']);
    return { state: 'missing', reason: 'the object could not be read' };
  }
  const workload = members.object('workload');
  if (!workload) return undefined;
  workload.only(['podSecurity', 'kubesec', 'findings']);
  const level = workload.oneOf('podSecurity', ['privileged', 'baseline', 'restricted']);
  const score = workload.number('kubesec', [-1000, 1000]);
  return {
    state: 'assessed',
    podSecurity: level && { level, summary: `reaches ${level}` },
    kubesec: score === undefined ? undefined : { score },
    findings: workload.objects('findings')?.map(readManifestFinding),
    unknowns: [],
    unchanged,
  };
}

function readManifestFinding(members: Members): ManifestFact {
  members.only(['id', 'rule', 'severity', 'message']);
  const rule = members.text('rule') ?? '';
  return {
    ruleId: members.text('id') ?? rule,
    rule,
    severity: members.oneOf('severity', severities) ?? 'UNKNOWN',
    message: members.text('message') ?? rule,
  };
}

/** The object as it would be sent; one that could not be judged is `missing`. */
function readObject(members: Members): Pick<PolicySubject, 'source' | 'podSpec' | 'sourceGap'> {
  if (!members.has('object')) return {};
  if (!members.isText('object')) {
    const source = members.object('object')?.value;
    return source ? { source, podSpec: podSpecOf(source) ?? 'none' } : {};
  }
  members.oneOf('object', ['missing']);
  return { sourceGap: 'the object could not be read' };
}

/** Of the kinds that Kubernetes itself has. */
function podSpecOf({ spec }: JsonObject): JsonObject | undefined {
  const own = asObject(spec);
  const job = asObject(asObject(own?.jobTemplate)?.spec);
  const template = asObject((job ?? own)?.template);
  return template ? asObject(template.spec) : own;
}

function readRequest(members: Members): PolicySubject['request'] {
  const request = members.object('request');
  request?.only(['operation', 'user', 'groups']);
  return (
    request && {
      operation: request.oneOf('operation', ['CREATE', 'UPDATE']),
      user: request.text('user'),
      groups: request.texts('groups'),
    }
  );
}

/** One answer for every rule that asks, or one by the name of each. */
function readAnswers(members: Members): EngineAnswers | undefined {
  if (!members.has('opa')) return undefined;
  if (members.isText('opa')) return { ofAll: readAnswer(members, 'opa'), byRule: new Map() };
  const opa = members.object('opa');
  if (!opa) return undefined;
  if (opa.keys().every((key) => answerKeys.includes(key))) {
    return { ofAll: readAnswer(members, 'opa'), byRule: new Map() };
  }
  const byRule = new Map(
    opa.keys().flatMap((rule): (readonly [string, PolicyAnswer])[] => {
      const answer = readAnswer(opa, rule);
      return answer ? [[rule, answer]] : [];
    }),
  );
  return { ofAll: undefined, byRule };
}

const answerKeys: readonly string[] = ['allow', 'deny', 'warn'];

function readAnswer(members: Members, key: string): PolicyAnswer | undefined {
  if (members.isText(key)) {
    members.oneOf(key, ['missing']);
    return { state: 'missing', reason: 'the policy engine did not answer' };
  }
  const answer = members.object(key);
  answer?.only(answerKeys);
  return (
    answer && {
      state: 'answered',
      allow: answer.boolean('allow'),
      deny: answer.texts('deny') ?? [],
      warn: answer.texts('warn') ?? [],
    }
  );
}

const outcomes = ['pass', 'fail', 'incomplete'] as const;

function readExpected(members: Members): ExpectedDecision | undefined {
  if (!members.has('expect')) {
    members.problem(undefined, { code: 'MISSING', message: 'the case expects nothing', hint: 'add "expect: pass"' });
    return undefined;
  }
  if (members.isText('expect')) {
    const outcome = members.oneOf('expect', outcomes);
    return outcome && { outcome };
  }
  const expected = members.object('expect');
  expected?.only(['outcome', 'denies', 'warns', 'audits']);
  if (expected && !expected.has('outcome')) {
    expected.problem(undefined, { code: 'MISSING', message: 'the outcome is missing', hint: 'add "outcome: pass"' });
  }
  const outcome = expected?.oneOf('outcome', outcomes);
  if (!expected || !outcome) return undefined;
  return {
    outcome,
    denies: expected.texts('denies'),
    warns: expected.texts('warns'),
    audits: expected.texts('audits'),
  };
}

function readMoment(members: Members, key: string): Date | undefined {
  return members.parsed(key, parseMoment, 'date (write 2027-01-31)');
}
