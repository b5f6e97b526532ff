import { FormatError } from '../core/index.js';

/** The bytes of a tar header or data block. */
export const tarBlockBytes = 512;

const utf8 = new TextDecoder();
/** Byte 7 of the checksum field ends it; the field itself counts as eight blanks. */
const checksumAt = 148;
const checksumLength = 8;

/** The text of a field that ends at its first zero byte; invalid UTF-8 is replaced. */
export function textField(block: Uint8Array, at: number, length: number): string {
  let end = at;
  const limit = at + length;
  while (end < limit && block[end] !== 0) end++;
  return end === at ? '' : utf8.decode(block.subarray(at, end));
}

/**
 * A number of a header: octal digits among blanks and zero bytes, or, when the first bit is set, a big-endian integer.
 * @throws FormatError `INVALID` for anything else, negative numbers and numbers past 2^53 included.
 */
export function numberField(block: Uint8Array, at: number, length: number, name: string): number {
  const first = block[at] ?? 0;
  return first & 0x80 ? binaryNumber(block, at, length, name) : octalNumber(block, at, length, name);
}

/**
 * Does the header's own checksum fit its bytes? Old writers summed signed bytes, so both sums are good. Returns
 * `zero` for a block of nothing but zero bytes, which ends an archive.
 */
export function verifyChecksum(block: Uint8Array, words: Uint32Array): 'valid' | 'invalid' | 'zero' {
  const total = sumOfBytes(words);
  if (total === 0) return 'zero';
  let field = 0;
  for (let i = checksumAt; i < checksumAt + checksumLength; i++) field += block[i] ?? 0;
  const claimed = claimedChecksum(block);
  const unsigned = total - field + checksumLength * 32;
  if (claimed === unsigned) return 'valid';
  return claimed === signedSum(block) ? 'valid' : 'invalid';
}

/** Four bytes at a time in two 16-bit lanes, which 128 words cannot overflow: a fifth of the time of a loop over bytes. */
function sumOfBytes(words: Uint32Array): number {
  let even = 0;
  let odd = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? 0;
    even += word & 0x00ff00ff;
    odd += (word >>> 8) & 0x00ff00ff;
  }
  return (even & 0xffff) + (even >>> 16) + (odd & 0xffff) + (odd >>> 16);
}

function signedSum(block: Uint8Array): number {
  let total = checksumLength * 32;
  for (let i = 0; i < tarBlockBytes; i++) {
    if (i >= checksumAt && i < checksumAt + checksumLength) continue;
    total += ((block[i] ?? 0) << 24) >> 24;
  }
  return total;
}

function claimedChecksum(block: Uint8Array): number {
  try {
    return octalNumber(block, checksumAt, checksumLength, 'checksum');
  } catch {
    return Number.NaN; // no number fits no sum
  }
}

function octalNumber(block: Uint8Array, at: number, length: number, name: string): number {
  let position = at;
  const end = at + length;
  while (position < end && isFiller(block[position])) position++;
  let value = 0;
  for (; position < end; position++) {
    const digit = (block[position] ?? 0) - 48;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  if (position < end && !isFiller(block[position]))
    throw new FormatError('INVALID', `a header whose ${name} is no number`);
  return value;
}

function isFiller(byte: number | undefined): boolean {
  return byte === 0 || byte === 32;
}

function binaryNumber(block: Uint8Array, at: number, length: number, name: string): number {
  const first = block[at] ?? 0;
  if (first & 0x40) throw new FormatError('INVALID', `a header whose ${name} is negative`);
  let value = first & 0x3f;
  for (let i = at + 1; i < at + length; i++) value = value * 256 + (block[i] ?? 0);
  if (value > Number.MAX_SAFE_INTEGER) throw new FormatError('INVALID', `a header whose ${name} is past all sense`);
  return value;
}
