import { RE2JS } from 're2js';
import { EvaluationFault, type Meter } from './budget.js';

const maxLength = 1000;
const maxProgram = 2000;
const maxMadeWork = 20_000;
const stepsPerWork = 32;

/** A pattern in the syntax of RE2, which takes time in proportion to the text, whatever the pattern. */
export interface Pattern {
  readonly re: RE2JS;
  readonly size: number;
}

/** The pattern of a text, or what is wrong with it in one clause. */
export function readPattern(text: string): Pattern | string {
  if (text.length > maxLength) return `the pattern has more than ${maxLength} characters`;
  try {
    const re = RE2JS.compile(text);
    const size = re.programSize();
    return size > maxProgram ? 'the pattern is too large' : { re, size };
  } catch (error) {
    return error instanceof Error ? error.message : 'the pattern cannot be read';
  }
}

/** The patterns of one evaluation: those that its expression has written out, and those that its input brings. */
export class Patterns {
  readonly #written: ReadonlyMap<string, Pattern>;
  readonly #made = new Map<string, Pattern>();

  constructor(written: ReadonlyMap<string, Pattern>) {
    this.#written = written;
  }

  /** Ready to look through a text, which is counted. @throws EvaluationFault */
  for(pattern: string, text: string, meter: Meter): RE2JS {
    const { re, size } = this.#written.get(pattern) ?? this.#made.get(pattern) ?? this.#make(pattern, meter);
    meter.spend(1 + Math.ceil(((text.length + 1) * size) / stepsPerWork));
    return re;
  }

  #make(text: string, meter: Meter): Pattern {
    if (text.length > maxLength) throw new EvaluationFault(`the pattern has more than ${maxLength} characters`);
    meter.spend(5000 + 100 * text.length);
    // Making a program takes time before its size is known.
    if (repeatedLength(text) > maxMadeWork) throw new EvaluationFault('the pattern is too large');
    const pattern = readPattern(text);
    if (typeof pattern === 'string') throw new EvaluationFault(pattern);
    this.#made.set(text, pattern);
    return pattern;
  }
}

/** At most so long is a pattern with its repetitions written out. */
function repeatedLength(text: string): number {
  let length = text.length;
  for (const [, least = '', most = ''] of text.matchAll(/\{(\d{1,9})(?:,(\d{0,9}))?\}/g)) {
    length *= Math.max(1, Number(least), Number(most));
  }
  return length;
}
