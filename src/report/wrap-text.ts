import { characterWidth, textWidth } from './plain-text.js';

/**
 * The text in lines of at most `width` columns: broken at blanks, and a word that is longer than a line is cut, with
 * `cutMark` where it goes on, or behind a slash where the mark is empty. Line ends of the text stay.
 */
export function wrapText(text: string, width: number, cutMark = '-'): readonly string[] {
  if (!text.includes('\n')) return wrapLine(text, width, cutMark);
  return text.split('\n').flatMap((line) => wrapLine(line, width, cutMark));
}

function wrapLine(line: string, width: number, cutMark: string): readonly string[] {
  if (textWidth(line) <= width) return [line];
  const lines: string[] = [];
  let current = '';
  let used = 0;
  for (const word of line.split(' ')) {
    const length = textWidth(word);
    if (used > 0 && used + 1 + length <= width) {
      current += ` ${word}`;
      used += 1 + length;
      continue;
    }
    if (used > 0) lines.push(current);
    const pieces = length <= width ? [word] : cutWord(word, width, cutMark);
    lines.push(...pieces.slice(0, -1));
    current = pieces.at(-1) ?? '';
    used = textWidth(current);
  }
  if (used > 0) lines.push(current);
  return lines;
}

function cutWord(word: string, width: number, cutMark: string): readonly string[] {
  // A line too narrow for a mark still has to take a character.
  const mark = width > 4 ? cutMark : '';
  const room = width - mark.length;
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  let left = textWidth(word);
  for (const character of word) {
    const length = characterWidth(character);
    // What is left goes whole where it can: only a line that goes on needs a mark.
    if (used + length > room && piece !== '' && left > width) {
      const end = mark === '' ? breakBefore(piece) : piece.length;
      pieces.push(piece.slice(0, end) + mark);
      piece = piece.slice(end);
      const kept = textWidth(piece);
      left -= used - kept;
      used = kept;
    }
    piece += character;
    used += length;
  }
  return [...pieces, piece];
}

/** Where no mark shows the cut, a path is best cut behind one of its slashes, if not too much room is lost. */
function breakBefore(piece: string): number {
  const end = piece.lastIndexOf('/') + 1;
  return end > piece.length / 3 ? end : piece.length;
}
