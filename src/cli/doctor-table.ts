import type { Examination, Explanation, Fault, LiveAnswer } from '../control-plane/index.js';
import { printable } from './printable.js';
import type { Painter } from './terminal.js';

/** How many of each, faults and explained lines of a log together. */
export interface Counts {
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
}

export function countsOf({ faults, explanations }: Examination): Counts {
  const all = [...faults, ...explanations].map(({ severity }) => severity);
  const of = (severity: Fault['severity']): number => all.filter((one) => one === severity).length;
  return { errors: of('error'), warnings: of('warning'), notes: of('note') };
}

/** An examination for people. */
export function doctorTable(examination: Examination, logName: string | undefined, paint: Painter): string {
  const { lookedAt, faults, explanations, unread, proofs } = examination;
  const lines = [
    ...section(
      paint,
      'Looked at',
      lookedAt.map(([what, where]) => `  ${what.padEnd(24)} ${printable(where)}`),
    ),
    ...section(
      paint,
      'Could not be read',
      unread.map(({ file, reason }) => `  ${printable(file)}: ${printable(reason)}`),
    ),
    ...section(
      paint,
      'Faults',
      faults.flatMap((fault) => [...faultLines(fault, paint), '']),
    ),
    ...(logName === undefined ? [] : logLines(explanations, logName, paint)),
    ...section(
      paint,
      'Asked',
      proofs.map((proof) => proofLine(proof, paint)),
    ),
  ];
  if (faults.length === 0 && lookedAt.length > 0) lines.push(paint.green('No faults found'));
  while (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${line}\n`).join('');
}

function section(paint: Painter, title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  return [paint.bold(title), ...lines, ...(lines.at(-1) === '' ? [] : [''])];
}

function faultLines({ severity, id, file, line, what, why, fix }: Fault, paint: Painter): readonly string[] {
  const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}`;
  return [
    `  ${colored(severity, paint)} ${paint.bold(printable(place))}  ${paint.dim(id)}`,
    `          ${printable(what)}`,
    `    why   ${printable(why)}`,
    `    fix   ${printable(fix)}`,
  ];
}

function colored(severity: Fault['severity'], paint: Painter): string {
  const word = severity.padEnd(7);
  return severity === 'error' ? paint.red(word) : severity === 'warning' ? paint.yellow(word) : paint.dim(word);
}

function logLines(explanations: readonly Explanation[], name: string, paint: Painter): readonly string[] {
  const lines = explanations.flatMap(({ severity, id, line, count, says, what, why, fix, file, field, ends }) => [
    `  ${colored(severity, paint)} ${paint.bold(printable(`${name}:${line}`))}${count > 1 ? ` and ${count - 1} more` : ''}  ${paint.dim(id)}`,
    `    says  ${printable(says)}`,
    ...(what === says ? [] : [`    that  ${printable(what)}`]),
    ...(file === undefined && field === undefined
      ? []
      : [`    look  ${printable([file, field].filter((part) => part !== undefined).join(', '))}`]),
    `    why   ${printable(why)}${ends ? ' (the API server ended with this)' : ''}`,
    `    fix   ${printable(fix)}`,
    '',
  ]);
  if (lines.length === 0) lines.push('  nothing in it that is known to have to do with image admission');
  return section(paint, 'What the log means', lines);
}

function proofLine({ protocol, image, expected, verdict, reason, durationMs }: LiveAnswer, paint: Painter): string {
  const isRight = verdict !== undefined && (expected === undefined || expected === verdict);
  const word = (verdict ?? 'no verdict').padEnd(10);
  const because = reason === undefined ? '' : `: ${printable(reason.slice(0, 300))}`;
  const wanted = expected === undefined || isRight ? '' : ` (should be ${expected})`;
  return `  ${isRight ? paint.green(word) : paint.red(word)} ${protocol} ${printable(image)}${wanted}, ${durationMs} ms${because}`;
}

/** The same for programs. */
export function doctorJson(examination: Examination): string {
  const { lookedAt, faults, explanations, unread, proofs } = examination;
  const json = {
    lookedAt: lookedAt.map(([what, where]) => ({ what, where })),
    faults: faults.map((fault) => ({ ...fault, file: fault.file ?? null, line: fault.line ?? null })),
    log: explanations.map((one) => ({ ...one, file: one.file ?? null, field: one.field ?? null })),
    unread,
    asked: proofs.map((proof) => ({
      ...proof,
      expected: proof.expected ?? null,
      verdict: proof.verdict ?? null,
      reason: proof.reason ?? null,
    })),
    ...countsOf(examination),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
