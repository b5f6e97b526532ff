import { replayReview, withoutRules, type Judge, type ScanSource } from '../../admission/index.js';
import { checkOptions, checkRun, type Option, type Settings } from '../../config/index.js';
import { needsOf, type Policy, type PolicyRule, type ScanKnowledge } from '../../policy/index.js';
import { replayParts } from '../admission-replay-files.js';
import { countLine, replayJson, replayTable, type LeftOutRule, type ReplayFacts } from '../admission-replay-report.js';
import { ReplayTally } from '../admission-replay-tally.js';
import { cacheDirOf } from '../cache-dir.js';
import { CheckScans, isImageName } from '../check-scans.js';
import { CliError } from '../cli-error.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { checkOutput, writeOutput } from '../output.js';
import type { OpenedOpa } from '../opa-access.js';
import { momentOf, readPolicyFile } from '../policy-file.js';
import { painter } from '../terminal.js';

const admission = { group: 'works', section: 'Admission' } as const;
const notOfReplay: ReadonlySet<string> = new Set(['as', 'labels', 'no-scan', 'no-opa', 'exit-code', 'namespace']);

const options: readonly Option[] = [
  {
    name: 'against',
    type: 'text',
    valueName: 'file',
    summary: 'the policy of today: tell only what would change',
    ...admission,
  },
  {
    name: 'exempt-namespaces',
    type: 'list',
    valueName: 'names',
    summary: 'namespaces in which admission serve lets everything through',
    ...admission,
  },
  {
    name: 'namespace',
    short: 'n',
    type: 'text',
    valueName: 'name',
    summary: 'the namespace of objects that name none',
    ...admission,
  },
  {
    name: 'no-scan',
    type: 'switch',
    fallback: 'false',
    summary: 'scan no image: rules that need a scan are left out, and told (exit code 3 unless --partial is given)',
    ...admission,
  },
  {
    name: 'no-opa',
    type: 'switch',
    fallback: 'false',
    summary: 'ask no OPA: rules that need one are left out, and told (exit code 3 unless --partial is given)',
    ...admission,
  },
  {
    name: 'partial',
    type: 'switch',
    fallback: 'false',
    summary: 'accept that --no-scan and --no-opa leave rules out',
    ...admission,
  },
  ...checkOptions.filter(({ name }) => !notOfReplay.has(name)),
];

/** `tidewaiter admission replay`: what a policy would have answered to what was asked, or would to what runs. */
export const admissionReplay: Command = {
  positionals: [{ name: 'FILE', required: true, many: true }],
  options,
  limited: true,
  examples: [
    {
      line: 'kubectl get pods,deployments,statefulsets,daemonsets,jobs,cronjobs -A -o json | tidewaiter admission replay --policy next.yaml --no-scan -',
      does: 'what of all that runs would be refused',
    },
    {
      line: 'tidewaiter admission replay --policy next.yaml --against policy.yaml decisions.log',
      does: 'what would change of what was decided, from the audit log of admission serve',
    },
    {
      line: 'tidewaiter admission replay --policy next.yaml --format json reviews/',
      does: 'recorded AdmissionReviews and ImageReviews, for programs',
    },
  ],
  notes: [
    'FILE is a file, a folder, or - for standard input, with AdmissionReviews, ImageReviews, lines of the audit log of\n"admission serve", objects or lists of them: JSON (also one text per line) or YAML.',
    'Exit code 1: something would be refused (with --against: that is not refused today); 3: a part could not be read or\nassessed, all others are judged. Objects are judged as if they were made anew. Tickets are not looked at.',
  ],
  run,
};

async function run(context: CommandContext, { positionals, settings }: CommandArguments): Promise<Outcome> {
  const output = settings.text('output');
  if (output !== undefined) await checkOutput(output);
  const path = settings.text('policy');
  if (path === undefined) {
    throw new CliError('NO_POLICY', 'no policy is named', { hint: 'give one with --policy policy.yaml' });
  }
  const after = await readPolicyFile(path);
  const againstPath = settings.text('against');
  const before = againstPath === undefined ? undefined : await readPolicyFile(againstPath);
  const now = momentOf(settings, context.now());
  const judges = await judgesOf(context, settings, after, before);
  const tally = await replayAll(context, positionals, { settings, judges, now });
  const facts: ReplayFacts = { policy: after.name, against: before?.name, leftOut: judges.leftOut };
  const outcome = outcomeOf(tally, judges.leftOut.length > 0 && !settings.isOn('partial'));
  const text =
    settings.text('format') === 'json'
      ? replayJson(tally, facts, outcome)
      : replayTable(tally, facts, painter(output === undefined && context.terminal.colors.stdout));
  await writeOutput([text], output, context.terminal);
  return { exitCode: codes[outcome], resultLine: resultLine(outcome, tally, facts) };
}

async function replayAll(
  context: CommandContext,
  positionals: readonly string[],
  { settings, judges, now }: { readonly settings: Settings; readonly judges: Judges; readonly now: Date },
): Promise<ReplayTally> {
  const tally = new ReplayTally();
  try {
    for await (const { place, cases } of replayParts(context, positionals, settings.text('namespace'))) {
      context.signal.throwIfAborted();
      for (const one of cases) {
        if (one.kind === 'unreadable') tally.addUnreadable(place, one.reason);
        else {
          const time = { now, deadline: Number.POSITIVE_INFINITY };
          tally.add(place, one.from, one.review, await replayReview(one.review, judges.after, judges.before, time));
        }
      }
      context.progress?.({ task: 'judging', done: tally.judged, unit: 'items' });
    }
  } finally {
    await judges.close();
  }
  return tally;
}

const codes = { pass: exitCodes.pass, fail: exitCodes.verdictFails, incomplete: exitCodes.incomplete } as const;

/** What is refused only because it could not be assessed here may be admitted elsewhere. */
function outcomeOf(tally: ReplayTally, isPartial: boolean): 'pass' | 'fail' | 'incomplete' {
  if (tally.changes.refused > tally.incomplete) return 'fail';
  return tally.incomplete > 0 || tally.unreadableCount > 0 || isPartial ? 'incomplete' : 'pass';
}

function resultLine(outcome: string, tally: ReplayTally, facts: ReplayFacts): string {
  const unread = tally.unreadableCount === 0 ? '' : `; ${tally.unreadableCount} not read`;
  const count = facts.leftOut.length;
  const leftOut = count === 0 ? '' : `; ${count} ${count === 1 ? 'rule' : 'rules'} left out`;
  return `result: ${outcome}: ${countLine(tally, facts)}${unread}${leftOut}`;
}

interface Judges {
  readonly after: Judge;
  readonly before: Judge | undefined;
  /** Rules of both policies. */
  readonly leftOut: readonly LeftOutRule[];
  readonly close: () => Promise<void>;
}

async function judgesOf(
  context: CommandContext,
  settings: Settings,
  after: Policy,
  before: Policy | undefined,
): Promise<Judges> {
  const exemptNamespaces = new Set(settings.list('exempt-namespaces'));
  const isLeftOut = ({ check }: PolicyRule): boolean =>
    (settings.isOn('no-scan') && needsOf(check).includes('scan')) || (settings.isOn('no-opa') && check.id === 'opa');
  const [now, then] = [withoutRules(after, isLeftOut), before && withoutRules(before, isLeftOut)];
  const policies = then ? [now.policy, then.policy] : [now.policy];
  const scans = await scanSource(context, settings, policies);
  const { source: answers, close } = await openEngines(context, settings, policies);
  return {
    after: { policy: now.policy, exemptNamespaces, scans, answers },
    before: then && { policy: then.policy, exemptNamespaces, scans, answers },
    leftOut: [...new Map([...now.leftOut, ...(then?.leftOut ?? [])].map((one) => [one.name, one])).values()].map(
      ({ name, check }) => ({ rule: name, needs: settings.isOn('no-opa') && check.id === 'opa' ? 'opa' : 'scan' }),
    ),
    close,
  };
}

async function openEngines(
  context: CommandContext,
  settings: Settings,
  policies: readonly Policy[],
): Promise<OpenedOpa> {
  const isNeeded = policies.some(({ rules }) => rules.some(({ check }) => check.id === 'opa'));
  if (!isNeeded) return { source: undefined, close: async () => {} };
  const { openOpa } = await import('../opa-access.js');
  return await openOpa(context, settings, policies);
}

/** Scans as `check` does, one image at a time. */
async function scanSource(
  context: CommandContext,
  settings: Settings,
  policies: readonly Policy[],
): Promise<ScanSource | undefined> {
  const isNeeded = policies.some(({ rules }) => rules.some(({ check }) => needsOf(check).includes('scan')));
  if (!isNeeded) return undefined;
  const { environment } = context;
  const cacheDir = cacheDirOf(settings, environment);
  const request = await checkRun(settings, { cacheDir, environment });
  const scans = new CheckScans(context, { request, settings, cacheDir, skip: undefined });
  const { openFirstSeen } = await import('../first-seen.js');
  const firstSeen = openFirstSeen(context, settings, policies);
  let last: Promise<unknown> = Promise.resolve();
  const scan = async (text: string): Promise<ScanKnowledge> => {
    const known = isImageName(text) ? await scans.ofName(text) : undefined;
    return known ?? { state: 'missing', code: 'NOT_SCANNED', reason: 'it is no image name' };
  };
  const source: ScanSource = {
    findScan(text) {
      const next = last.then(() => scan(text));
      last = next.catch(() => undefined);
      return next;
    },
  };
  if (!firstSeen) return source;
  const { withFirstSeen } = await import('../../server/index.js');
  const timed = withFirstSeen({ source, firstSeen, log: (text) => context.log('warn', text) });
  // What was asked once is not seen anew by asking what would become of it.
  return {
    findScan: async (text, deadline, asked) => await timed.findScan(text, deadline, { ...asked, dryRun: true }),
  };
}
