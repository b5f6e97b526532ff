import { ConfigError, type Settings } from '../config/index.js';
import { severities } from '../findings/index.js';
import {
  createAnalysis,
  findManifestRule,
  judgeManifests,
  manifestJson,
  manifestRules,
  manifestTable,
  withSeverities,
  type AnalysisOptions,
  type ManifestGate,
  type ManifestReport,
  type ManifestResult,
  type ManifestVerdict,
} from '../manifest/index.js';
import type { CommandContext, Outcome } from './command.js';
import { exitCodes } from './exit-codes.js';
import { readManifests, type ReadOptions, type VisitPart } from './manifest-reading.js';
import { writeOutput } from './output.js';
import { version } from './version.js';

/** What came of one reading of all inputs. */
export interface Judged {
  /** With the findings that are to be shown. */
  readonly result: ManifestResult;
  readonly stdin: string | undefined;
}

export type Judge = (options: ReadOptions) => Promise<Judged>;

/** Reads, analyses and judges all that the words stand for, as often as it is called. */
export function judgeOf(context: CommandContext, words: readonly string[], settings: Settings): Judge {
  const options = analysisOptions(context, settings);
  const gate = gateOf(settings);
  const wanted = severities.filter((severity) => settings.list('severity').includes(severity));
  return async (reading) => {
    const analysis = createAnalysis(options);
    const visit: VisitPart = (file, part, index) => analysis.add(file, part, index);
    const read = await readManifests(context, words, visit, reading);
    const own = analysis.finish();
    const report: ManifestReport = { ...own, unknowns: sortUnknowns([...own.unknowns, ...read.unknowns]) };
    const reported = withSeverities(report, wanted);
    const verdict = judgeManifests(report, reported, gate);
    const { skippedFiles, stdin } = read;
    return { result: { report: reported, verdict, skippedFiles, toolVersion: version }, stdin };
  };
}

function sortUnknowns(unknowns: ManifestReport['unknowns'][number][]): ManifestReport['unknowns'] {
  return unknowns.sort(({ place: a }, { place: b }) =>
    a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1,
  );
}

function analysisOptions(context: CommandContext, settings: Settings): AnalysisOptions {
  const rules = settings.list('rule');
  const skipRules = settings.list('ignore');
  for (const name of ['rule', 'ignore']) for (const word of settings.list(name)) checkRule(word, settings.origin(name));
  const kubernetesVersion = settings.text('kubernetes-version');
  if (kubernetesVersion !== undefined && !/^(?:latest|v?1\.\d{1,3}(?:\.\d{1,3})?)$/.test(kubernetesVersion)) {
    throw new ConfigError('INVALID_VALUE', `${settings.origin('kubernetes-version')} is no version of Kubernetes`, {
      hint: 'write it like 1.33',
    });
  }
  return { kubernetesVersion, now: context.now(), skipRules, ...(rules.length > 0 ? { rules } : {}) };
}

function checkRule(word: string, origin: string): void {
  if (findManifestRule(word)) return;
  const short = word.slice(0, 60);
  const near = manifestRules.find(({ name }) => name.includes(short.toLowerCase()));
  throw new ConfigError('INVALID_VALUE', `${origin}: there is no rule ${short}`, {
    hint: near ? `did you mean ${near.name} (${near.id})?` : 'docs/manifest-rules.md lists the rules',
  });
}

function gateOf(settings: Settings): ManifestGate {
  const failOn = severities.find((severity) => severity === settings.text('fail-on'));
  const level = settings.text('min-level');
  const minLevel = level === 'baseline' || level === 'restricted' ? level : undefined;
  const anyFinding = settings.number('exit-code') !== 0 && failOn === undefined && minLevel === undefined;
  return { anyFinding, failOn, minLevel, allowIncomplete: settings.text('incomplete') === 'allow' };
}

/** Writes the report where it is wanted. */
export async function printManifests(
  context: CommandContext,
  settings: Settings,
  result: ManifestResult,
): Promise<void> {
  const output = settings.text('output');
  const { terminal } = context;
  const toTerminal = output === undefined;
  const text =
    settings.text('format') === 'json'
      ? manifestJson(result)
      : manifestTable(result, {
          color: toTerminal && terminal.colors.stdout,
          columns: toTerminal ? terminal.columns : undefined,
          showSuppressed: settings.isOn('show-suppressed'),
        });
  await writeOutput(text, output, terminal);
}

/** Exit code and last line. */
export function outcomeOf({ verdict, report }: ManifestResult, settings: Settings): Outcome {
  const { outcome, reasons } = verdict;
  const exitCode = exitCodeOf(verdict, settings);
  if (outcome !== 'pass') return { exitCode, resultLine: `result: ${outcome}: ${reasons.join('; ')}` };
  const { length } = report.findings;
  const found =
    length === 0 ? 'nothing found' : `${length} ${length === 1 ? 'finding' : 'findings'}, which alone do not fail`;
  return { exitCode, resultLine: `result: pass: ${found}` };
}

function exitCodeOf({ outcome }: ManifestVerdict, settings: Settings): number {
  if (outcome === 'fail') return settings.number('exit-code') || exitCodes.verdictFails;
  return outcome === 'incomplete' ? exitCodes.incomplete : exitCodes.pass;
}
