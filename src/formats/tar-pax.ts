import { FormatError } from '../core/index.js';

/** What an extended header says about the entry after it, as far as it matters to readers of images. */
export interface PaxRecords {
  path?: string;
  linkPath?: string;
  size?: number;
  sparse?: PaxSparse;
}

/** GNU's sparse files in PAX form: https://www.gnu.org/software/tar/manual/html_node/PAX-0.html and the pages after it. */
export interface PaxSparse {
  major?: string;
  minor?: string;
  name?: string;
  realSize?: number;
  /** Offsets and lengths in turn, of forms 0.0 and 0.1; form 1.0 has them in front of the data. */
  map?: number[];
}

const utf8 = new TextDecoder();

/**
 * The records of one extended header; of a keyword that comes twice the last counts, an empty value counts as absent.
 * @throws FormatError `INVALID` when a record is not `LENGTH KEYWORD=VALUE\n` to the byte, or a value makes no sense.
 */
export function parsePax(bytes: Uint8Array): PaxRecords {
  const records: PaxRecords = {};
  let at = 0;
  while (at < bytes.length) {
    const { valueFrom, key, end } = recordAt(bytes, at);
    const take = takers.get(key);
    if (take && end - 1 > valueFrom) take(records, utf8.decode(bytes.subarray(valueFrom, end - 1)), key);
    at = end;
  }
  return records;
}

/** A decimal number of a sparse map or a record. */
export function decimal(text: string, name: string): number {
  if (!/^[0-9]{1,16}$/.test(text)) throw invalid(`${name} is no number`);
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw invalid(`${name} is past all sense`);
  return value;
}

type Taker = (records: PaxRecords, value: string, key: string) => void;

const takers: ReadonlyMap<string, Taker> = new Map<string, Taker>([
  ['path', (records, value) => (records.path = withoutZero(value))],
  ['linkpath', (records, value) => (records.linkPath = withoutZero(value))],
  ['size', (records, value, key) => (records.size = decimal(value, key))],
  ['GNU.sparse.major', (records, value) => (sparseOf(records).major = value)],
  ['GNU.sparse.minor', (records, value) => (sparseOf(records).minor = value)],
  ['GNU.sparse.name', (records, value) => (sparseOf(records).name = withoutZero(value))],
  ['GNU.sparse.size', (records, value, key) => (sparseOf(records).realSize = decimal(value, key))],
  ['GNU.sparse.realsize', (records, value, key) => (sparseOf(records).realSize = decimal(value, key))],
  ['GNU.sparse.offset', (records, value, key) => mapOf(records).push(decimal(value, key))],
  ['GNU.sparse.numbytes', (records, value, key) => mapOf(records).push(decimal(value, key))],
  ['GNU.sparse.map', takeMap],
]);

function takeMap(records: PaxRecords, value: string, key: string): void {
  sparseOf(records).map = value.split(',').map((number) => decimal(number, key));
}

function sparseOf(records: PaxRecords): PaxSparse {
  records.sparse ??= {};
  return records.sparse;
}

function mapOf(records: PaxRecords): number[] {
  const sparse = sparseOf(records);
  sparse.map ??= [];
  return sparse.map;
}

function recordAt(bytes: Uint8Array, from: number): { key: string; valueFrom: number; end: number } {
  let at = from;
  let length = 0;
  for (; at < bytes.length && at < from + 8; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  const end = from + length;
  if (at === from || bytes[at] !== 32 || end > bytes.length || end <= at + 1)
    throw invalid('a record has a wrong length');
  if (bytes[end - 1] !== 10) throw invalid('a record does not end where it says');
  const equals = bytes.indexOf(61, at + 1);
  if (equals <= at + 1 || equals >= end) throw invalid('a record has no keyword');
  return { key: utf8.decode(bytes.subarray(at + 1, equals)), valueFrom: equals + 1, end };
}

function withoutZero(value: string): string {
  if (value.includes('\0')) throw invalid('a path with a zero byte in it');
  return value;
}

function invalid(what: string): FormatError {
  return new FormatError('INVALID', `a malformed extended header: ${what}`);
}
