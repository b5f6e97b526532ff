import { checkOptions, checkRun, labelsOf, type Settings } from '../../config/index.js';
import { evaluatePolicy, needsOf, type Decision, type Policy, type PolicySubject } from '../../policy/index.js';
import { cacheDirOf } from '../cache-dir.js';
import { draftTargets } from '../check-drafts.js';
import { heedNothingAssessed } from '../check-nothing.js';
import { checkJson, checkTable, type Checked } from '../check-report.js';
import { CheckScans, scanNames, withScan } from '../check-scans.js';
import { findTarget, type CheckTarget } from '../check-targets.js';
import { CliError } from '../cli-error.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { checkOutput, writeOutput } from '../output.js';
import { momentOf, readPolicyFile } from '../policy-file.js';
import { painter } from '../terminal.js';

/** `tidewaiter check`: the one verdict of a policy over images, archives, manifests and stored reports. */
export const check: Command = {
  positionals: [{ name: 'TARGET', required: true, many: true }],
  options: checkOptions,
  limited: true,
  examples: [
    { line: 'tidewaiter check nginx:1.18.0 --policy policy.yaml', does: 'may this image run' },
    {
      line: 'tidewaiter check k8s/ --policy policy.yaml',
      does: 'every object in a folder, every image that they name',
    },
    {
      line: 'tidewaiter check app.tar --as registry.example.com/app:1 --policy policy.yaml',
      does: 'before it is pushed',
    },
    {
      line: 'tidewaiter check web.yaml --policy policy.yaml --opa-token opa.token --opa-ca opa-ca.crt',
      does: 'with rules that ask an OPA server',
    },
    { line: 'tidewaiter check report.json --policy policy.yaml', does: 'what was scanned before, judged anew' },
    { line: 'tidewaiter check --no-scan k8s/ --policy policy.yaml', does: 'names and manifests only' },
    { line: 'helm template ./chart | tidewaiter check - --policy policy.yaml', does: 'what a chart would run' },
  ],
  notes: [
    'TARGET is the name of an image, an archive or OCI layout, a file or folder of manifests (- for standard input), or a\nreport that "tidewaiter image" wrote (--format json or tidewaiter). The worst verdict counts.',
    'An image that the policy refuses for its name is not scanned, so that no registry is asked which the policy does not let in.',
    'Exceptions are those of the policy: an ignore file beside the command changes nothing.',
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
  const policy = await readPolicyFile(path);
  const now = momentOf(settings, context.now());
  const checked = await judgeTargets(context, { words: positionals, settings, policy, now });
  const outcome = worst(checked.map(({ decision }) => decision.outcome));
  const isJson = settings.text('format') === 'json';
  const paint = painter(output === undefined && context.terminal.colors.stdout);
  await writeOutput(
    [isJson ? checkJson(policy, outcome, checked) : checkTable(checked, paint)],
    output,
    context.terminal,
  );
  return { exitCode: exitCodeOf(checked, settings), resultLine: resultLine(outcome, checked) };
}

const maxLineLength = 400;

interface CheckJob {
  readonly words: readonly string[];
  readonly settings: Settings;
  readonly policy: Policy;
  readonly now: Date;
}

async function judgeTargets(context: CommandContext, job: CheckJob): Promise<readonly Checked[]> {
  const { settings, policy, now } = job;
  const targets: CheckTarget[] = [];
  for (const word of job.words) {
    const target = await findTarget(word);
    if (target.kind !== 'image' && /^[a-z0-9][a-z0-9_-]*$/.test(word)) {
      context.log('warn', `${word} is taken for the file or folder of that name; for the image write ${word}:latest`);
    }
    targets.push(target);
  }
  const scans = await scansOf(context, settings, policy);
  const drafts = await draftTargets(context, targets, {
    as: settings.text('as'),
    namespace: settings.text('namespace'),
    labels: labelsOf(settings),
  });
  const sightings = await openSightings(context, settings, policy);
  const engines = await openEngines(context, settings, policy);
  const judge = (subject: PolicySubject): Decision => evaluatePolicy(policy, subject, { now });
  const checked: Checked[] = [];
  try {
    for (const { kind, target, subject, archive } of drafts) {
      context.signal.throwIfAborted();
      const known = archive === undefined ? subject : withScan(subject, await scans.ofArchive(archive));
      // A stored report was seen by whoever made it.
      const record = kind !== 'report';
      const scanned = await sightings.ask(await scanNames(known, judge(known), scans), { record });
      const whole = await engines.ask(scanned, judge(scanned));
      checked.push({ kind, target, subject: whole, decision: heedNothingAssessed(policy, judge(whole), now) });
    }
  } finally {
    await sightings.close();
    await engines.close();
  }
  return checked;
}

interface Sightings {
  readonly ask: (subject: PolicySubject, how: { readonly record: boolean }) => Promise<PolicySubject>;
  readonly close: () => Promise<void>;
}

/** When findings were first seen: recorded as `admission serve` does, where it is the same folder with it. */
async function openSightings(context: CommandContext, settings: Settings, policy: Policy): Promise<Sightings> {
  if (!policy.rules.some((rule) => needsOf(rule.check).includes('scan'))) {
    return { ask: (subject) => Promise.resolve(subject), close: async () => {} };
  }
  const { openFirstSeen, withTimes } = await import('../first-seen.js');
  const firstSeen = openFirstSeen(context, settings, [policy]);
  return {
    ask: async (subject, how) => await withTimes(subject, firstSeen, how),
    close: async () => await firstSeen?.close(),
  };
}

interface Engines {
  readonly ask: (subject: PolicySubject, decision: Decision) => Promise<PolicySubject>;
  readonly close: () => Promise<void>;
}

/** Those that rules ask: about what is not refused already, as `admission serve` does. */
async function openEngines(context: CommandContext, settings: Settings, policy: Policy): Promise<Engines> {
  if (!policy.rules.some(({ check: { id } }) => id === 'opa')) {
    return { ask: (subject) => Promise.resolve(subject), close: async () => {} };
  }
  const { openOpa } = await import('../opa-access.js');
  const { openInquiries, withAnswers } = await import('../../admission/index.js');
  const { source, close } = await openOpa(context, settings, [policy]);
  return {
    close,
    async ask(subject, decision) {
      if (decision.outcome === 'fail') return subject;
      const rules = openInquiries(policy, decision, subject);
      return await withAnswers(subject, { policy, rules, source }, Number.POSITIVE_INFINITY);
    },
  };
}

async function scansOf(context: CommandContext, settings: Settings, policy: Policy): Promise<CheckScans> {
  const { environment } = context;
  const cacheDir = cacheDirOf(settings, environment);
  const request = await checkRun(settings, { cacheDir, environment });
  const needsScan = policy.rules.some((rule) => needsOf(rule.check).includes('scan'));
  const skip = !needsScan ? 'not-needed' : settings.isOn('no-scan') ? 'not-wanted' : undefined;
  return new CheckScans(context, { request, settings, cacheDir, skip });
}

function worst(outcomes: readonly Decision['outcome'][]): Decision['outcome'] {
  if (outcomes.includes('fail')) return 'fail';
  return outcomes.includes('incomplete') ? 'incomplete' : 'pass';
}

/** What could not be done comes before what fails; where a target fails anyway, its scan does not matter. */
function exitCodeOf(checked: readonly Checked[], settings: Settings): number {
  const outcome = worst(checked.map(({ decision }) => decision.outcome));
  const isUndone = checked.some(
    ({ decision }) => decision.outcome === 'incomplete' && decision.reasons.some(({ code }) => code === 'SCAN_FAILED'),
  );
  if (isUndone) return exitCodes.failure;
  if (outcome === 'fail') return settings.number('exit-code') ?? exitCodes.verdictFails;
  return outcome === 'incomplete' ? exitCodes.incomplete : exitCodes.pass;
}

function resultLine(outcome: Decision['outcome'], checked: readonly Checked[]): string {
  const total = `${checked.length} ${checked.length === 1 ? 'target' : 'targets'}`;
  const warnings = checked.reduce((sum, { decision }) => sum + decision.warnings.length, 0);
  const warned = warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
  if (outcome === 'pass') return `result: pass: ${total}${warned}`;
  const concerned = checked.filter(({ decision }) => decision.outcome === outcome);
  const first = concerned[0]?.decision.reasons.find((reason) => outcome !== 'fail' || reason.check !== 'incomplete');
  const why = first ? `: ${first.image ? `${first.image}: ` : ''}${first.message}` : '';
  const more = concerned.length > 1 ? `${concerned.length} of ${total}, first` : total;
  const line = `result: ${outcome}: ${more}${why}`;
  return line.length > maxLineLength ? `${line.slice(0, maxLineLength - 3)}...` : line;
}
