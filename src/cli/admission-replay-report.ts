import type { ReplayChange } from '../admission/index.js';
import type { Reason } from '../policy/index.js';
import type { ReplayAnswer, ReplayRow, ReplayTally } from './admission-replay-tally.js';
import { printable } from './printable.js';
import type { Painter } from './terminal.js';

/** What is told beside the tally. */
export interface ReplayFacts {
  readonly policy: string;
  /** Of the older policy; absent: there is none. */
  readonly against: string | undefined;
  /** Rules that need what was not asked for. */
  readonly leftOut: readonly LeftOutRule[];
}

export interface LeftOutRule {
  readonly rule: string;
  readonly needs: 'scan' | 'opa';
}

const colours = { refused: 'red', warned: 'yellow', admitted: 'green', otherwise: 'yellow', same: 'green' } as const;

/** For people: what would be refused or warned of, or what would change; what stays is counted. */
export function replayTable(tally: ReplayTally, facts: ReplayFacts, paint: Painter): string {
  const words = facts.against === undefined ? aloneWords : changeWords;
  const blocks = order.flatMap((change) =>
    tally.rows
      .filter((row) => row.change === change)
      .map((row) => [`${paint[colours[change]](words[change])}  ${paint.bold(titleOf(row))}`, ...linesOf(row)]),
  );
  if (tally.omitted > 0) blocks.push([`and ${tally.omitted} more that are counted only`]);
  if (tally.unreadableCount > 0) {
    const told = tally.unreadable.slice(0, 50).map(({ place, reason }) => `  ${printable(`${place}: ${reason}`)}`);
    const more = tally.unreadableCount - told.length;
    blocks.push([
      paint.yellow('Not read (nothing is known of it)'),
      ...told,
      ...(more > 0 ? [`  and ${more} more`] : []),
    ]);
  }
  const open = [
    ...facts.leftOut.map(({ rule, needs }) => `  ${printable(rule)}: needs ${leftOutWords[needs]}`),
    ...[...tally.notAssessed].map(
      ([rule, { needs, times }]) => `  ${printable(rule)}: needs ${[...needs].join(', ')}, ${times} times not carried`,
    ),
  ];
  if (open.length > 0) blocks.push([paint.bold('Rules not assessed (they count neither way)'), ...open]);
  blocks.push([countLine(tally, facts)]);
  return blocks.map((lines) => lines.map((line) => `${line}\n`).join('')).join('\n');
}

const leftOutWords = { scan: 'a scan (--no-scan)', opa: 'an answer of OPA (--no-opa)' } as const;

const order: readonly ReplayChange[] = ['refused', 'warned', 'admitted', 'otherwise'];
const aloneWords = { refused: 'REFUSED', warned: 'WARNED', admitted: 'ADMITTED', otherwise: '', same: '' } as const;
const changeWords = {
  refused: 'NEWLY REFUSED',
  warned: '',
  admitted: 'NEWLY ADMITTED',
  otherwise: 'OTHERWISE',
  same: '',
} as const;

function titleOf({ place, from, kind, name, namespace, operation, user }: ReplayRow): string {
  const what = from === 'ImageReview' ? 'ImageReview' : [kind ?? 'record', name ?? '(no name)'].join(' ');
  const where = namespace === undefined ? '' : ` in ${namespace}`;
  const who = user === undefined ? '' : ` by ${user}`;
  const how = operation === undefined ? '' : `, ${operation}${who}`;
  return printable(`${what}${where}${how} (${place})`);
}

function linesOf({ change, before, after }: ReplayRow): readonly string[] {
  if (change === 'admitted') return before ? answerLines('was', before.reasons) : [];
  return [
    ...answerLines('deny', after.reasons),
    ...answerLines('warn', after.warnings),
    ...(change === 'otherwise' ? answerLines('audit', after.audits) : []),
    ...(change === 'otherwise' && before ? [`  before    ${wordsOf(before)}`] : []),
  ];
}

function wordsOf({ outcome, reasons, warnings, audits }: ReplayAnswer): string {
  const rules = [...new Set([...reasons, ...warnings, ...audits].map(({ rule }) => rule))];
  return printable(rules.length === 0 ? outcome : `${outcome}: ${rules.join(', ')}`);
}

function answerLines(word: string, reasons: readonly Reason[]): readonly string[] {
  return reasons.flatMap(({ rule, image, place, message, fix }) => {
    const slot = place?.name === undefined ? '' : `${place.slot ?? 'container'} ${place.name}, `;
    const where = image === undefined ? '' : `${slot}${image === '' ? '(no image)' : image}: `;
    const line = `  ${word.padEnd(8)}  ${printable(`${rule}: ${where}${message}`)}`;
    return fix === undefined || word === 'was' || word === 'audit'
      ? [line]
      : [line, `            fix: ${printable(fix)}`];
  });
}

/** `12 judged: 1 refused, 2 warned of, 9 admitted; 3 passed over` */
export function countLine({ judged, changes, passedOver }: ReplayTally, { against }: ReplayFacts): string {
  const { refused, warned, admitted, otherwise, same } = changes;
  const counts =
    against === undefined
      ? `${refused} refused, ${warned} admitted with a warning, ${admitted} admitted`
      : `${refused} newly refused, ${admitted} newly admitted, ${otherwise} otherwise, ${same} the same`;
  const passed = passedOver === 0 ? '' : `; ${passedOver} not for the policy`;
  return `${judged} judged: ${counts}${passed}`;
}

/** For programs. */
export function replayJson(
  tally: ReplayTally,
  { policy, against, leftOut }: ReplayFacts,
  outcome: 'pass' | 'fail' | 'incomplete',
): string {
  const { rows, judged, changes, passedOver, omitted, unreadable, unreadableCount, notAssessed } = tally;
  const { refused, warned, admitted, otherwise, same } = changes;
  const document = {
    schemaVersion: 1,
    policy,
    against,
    outcome,
    counts: {
      judged,
      refused,
      ...(against === undefined ? { warned, admitted } : { admitted, otherwise, same }),
      passedOver,
      unreadable: unreadableCount,
    },
    results: rows,
    omitted,
    unreadable,
    notAssessed: [
      ...leftOut.map(({ rule, needs }) => ({ rule, needs: [needs] })),
      ...[...notAssessed].map(([rule, { needs, times }]) => ({ rule, needs: [...needs], times })),
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
