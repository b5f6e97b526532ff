import { FormatError, limits } from '../core/index.js';

const slash = 47;
const dot = 46;

/**
 * A name as archives store it, made a path below the root: no leading or doubled slashes, no `.`; `..` ends at the root,
 * never above it. The root itself is the empty text. Everything else stays, backslashes and blanks too.
 * @throws FormatError `INVALID` for a zero byte, `LIMIT_EXCEEDED` for too many components.
 */
export function cleanPath(name: string): string {
  if (isClean(name)) return name;
  if (name.includes('\0')) throw new FormatError('INVALID', 'a path with a zero byte in it');
  const kept: string[] = [];
  for (const part of name.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  if (kept.length > limits.pathDepth) throw tooDeep();
  return kept.join('/');
}

/** One look at every character; names that might need work, hidden files among them, go the slow way. */
function isClean(name: string): boolean {
  let previous = slash;
  let slashes = 0;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code === 0) return false;
    if (previous === slash && (code === slash || code === dot)) return false;
    if (code === slash) slashes++;
    previous = code;
  }
  return previous !== slash && slashes < limits.pathDepth;
}

function tooDeep(): FormatError {
  return new FormatError('LIMIT_EXCEEDED', `a path of more than ${limits.pathDepth} components`);
}
