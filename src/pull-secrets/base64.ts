import { bytesToByteText, encodeUtf8 } from './byte-text.js';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Bytes as standard base64 with padding, in one line. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(bytesToByteText(bytes));
}

/**
 * The bytes of standard base64 as Go reads it: line ends (CR, LF) may stand anywhere, blanks and the URL's alphabet may
 * not. Padding is needed, or forbidden. `{ at }` is the index, in UTF-8 bytes, of what is wrong.
 */
export function decodeBase64(
  text: string,
  padding: 'padded' | 'unpadded',
): { readonly bytes: Uint8Array } | { readonly at: number } {
  const bytes: number[] = [];
  const source = encodeUtf8(text);
  let bits = 0;
  let held = 0;
  let digits = 0;
  let paddingAt = -1;
  let paddingCount = 0;
  for (const [at, code] of source.entries()) {
    if (code === 0x0a || code === 0x0d) continue;
    if (code === 0x3d && padding === 'padded' && digits % 4 >= 2 && paddingCount < 4 - (digits % 4)) {
      if (paddingAt < 0) paddingAt = at;
      paddingCount++;
      continue;
    }
    const value = code < 0x80 ? alphabet.indexOf(String.fromCharCode(code)) : -1;
    if (value < 0 || paddingCount > 0) return { at };
    held = (held << 6) | value;
    bits += 6;
    digits++;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
      held &= (1 << bits) - 1;
    }
  }
  const rest = digits % 4;
  const missing = padding === 'padded' ? rest !== 0 && paddingCount !== 4 - rest : rest === 1;
  return missing ? { at: source.length } : { bytes: Uint8Array.from(bytes) };
}
