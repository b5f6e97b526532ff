const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * A text as the kubelet compares it: one character (0-255) for each byte of its UTF-8. Such texts sort and split by
 * bytes, and percent signs decode to single bytes.
 */
export function toByteText(text: string): string {
  return bytesToByteText(encoder.encode(text));
}

/** One character (0-255) for each byte. */
export function bytesToByteText(bytes: Uint8Array): string {
  const pieces: string[] = [];
  // In pieces, because a function takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  }
  return pieces.join('');
}

/** The bytes of a text in UTF-8. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Bytes that are no UTF-8 become U+FFFD; a byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const maxShownLength = 400;

/** A sentence with parts of a foreign text of bytes, fit to be shown: readable, of one line, and not too long. */
export function showSentence(sentence: string): string {
  const readable = decodeWhole(sentence).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  if (readable.length <= maxShownLength) return readable;
  const half = maxShownLength / 2;
  return decodeUtf8(encodeUtf8(`${readable.slice(0, half)} ... ${readable.slice(-half)}`));
}

function decodeWhole(text: string): string {
  if (!/[\u0080-\u00ff]/.test(text) || /[^\0-\u00ff]/.test(text)) return text;
  try {
    return strictDecoder.decode(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  } catch {
    // Bytes that percent signs stood for need be no UTF-8.
    return text;
  }
}
