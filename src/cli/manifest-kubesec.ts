import { ConfigError, type Settings } from '../config/index.js';
import {
  chooseRules,
  hasFailed,
  kubesecJson,
  scanKubesec,
  type KubesecReport,
  type ManifestUnknown,
} from '../manifest/index.js';
import type { CommandContext, Outcome } from './command.js';
import { exitCodes } from './exit-codes.js';
import { chooseChecks } from './kubesec-schemas.js';
import { readManifests } from './manifest-reading.js';
import { stdinName } from './manifest-files.js';
import { writeOutput } from './output.js';

/** `--format kubesec`: what `kubesec scan` says of each object, in one list for all files, with our exit codes. */
export async function runKubesecFormat(
  context: CommandContext,
  words: readonly string[],
  settings: Settings,
): Promise<Outcome> {
  const chosen = chooseRules(settings.list('rule'), 'default');
  if ('unknown' in chosen) {
    const names = chosen.unknown.slice(0, 5).join(', ').slice(0, 200);
    throw new ConfigError('INVALID_VALUE', `${settings.origin('rule')}: kubesec has no rule ${names}`, {
      hint: 'tidewaiter kubesec print-rules lists them',
    });
  }
  const checks = await chooseChecks(context, {
    isOn: () => false,
    text: (name) => (name === 'kubernetes-version' ? settings.text(name) : undefined),
    list: () => undefined,
    operands: [],
    help: false,
  });
  const check = await checks('');
  const reports: KubesecReport[] = [];
  const broken: ManifestUnknown[] = [];
  const { unknowns } = await readManifests(context, words, ({ name }, part, document) => {
    const fileName = name === stdinName ? 'STDIN' : name;
    const scanned = scanKubesec(part.text, { fileName, rules: chosen.rules, compat: 'default', check });
    if ('reports' in scanned) reports.push(...scanned.reports);
    if ('reports' in scanned && part.kind !== 'broken') return;
    const line = part.kind === 'broken' ? part.line : 1;
    const reason = part.kind === 'broken' ? part.reason : 'it cannot be read';
    broken.push({ code: 'DOCUMENT_BROKEN', place: { file: name, line, column: 1, document }, reason });
  });
  await writeOutput(kubesecJson(reports), settings.text('output'), context.terminal);
  return outcomeOf(reports, [...unknowns, ...broken], context, settings);
}

function outcomeOf(
  reports: readonly KubesecReport[],
  unknowns: readonly ManifestUnknown[],
  context: CommandContext,
  settings: Settings,
): Outcome {
  for (const { place, reason, hint } of unknowns) {
    context.log('warn', `${place.file}:${place.line}: ${reason}${hint === undefined ? '' : ` (${hint})`}`);
  }
  const exitCode = settings.number('exit-code') ?? 0;
  const failed = hasFailed(reports, 'default');
  if (failed && exitCode !== 0) return { exitCode, resultLine: 'result: fail: a score of 0 or less' };
  if (unknowns.length > 0 && settings.text('incomplete') !== 'allow') {
    return { exitCode: exitCodes.incomplete, resultLine: `result: incomplete: ${unknowns.length} not assessed` };
  }
  const words = failed ? 'scores of 0 or less alone do not fail' : 'every score is above 0';
  return { exitCode: exitCodes.pass, resultLine: `result: pass: ${words}` };
}
