/**
 * A text as a YAML scalar in block context, as kubectl writes it. Lines are not folded: it only does that with texts of
 * more than 80 characters that have blanks, which no name or base64 has.
 */
export function renderYamlScalar(text: string, indent: string): string {
  if (meansOtherType(text)) return doubleQuoted(text);
  if (!isPrintable(text)) return doubleQuoted(text);
  if (text.includes('\n')) return literalBlock(text, indent);
  return isPlain(text) ? text : `'${text.replaceAll("'", "''")}'`;
}

const words = new Set(
  ['~', 'null', 'true', 'false', 'yes', 'no', 'on', 'off', 'y', 'n', '.nan', '.inf', '+.inf', '-.inf'].flatMap(
    (word) => [word, word.toUpperCase(), word.replace(/[a-z]/, (letter) => letter.toUpperCase())],
  ),
)
  .add('')
  .add('.NaN');

/** Would YAML 1.1 or 1.2 read it as a number, a boolean, a date or nothing, if it stood there without quotes? */
function meansOtherType(text: string): boolean {
  if (words.has(text)) return true;
  if (text.length > 400 || !/^[-+.0-9]/.test(text)) return false;
  const bare = text.replaceAll('_', '');
  return (
    /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(bare) ||
    /^[-+]?0(?:[xX][0-9a-fA-F]{1,16}|[oO][0-7]{1,22}|[bB][01]{1,64})$/.test(bare) ||
    /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text) ||
    /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|\s+)[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?\s*(?:[Zz]|[-+][0-9:]+)?)?$/.test(
      text,
    )
  );
}

/** What may stand there as it is; what lies beyond the first 65,536 characters of Unicode is escaped. */
function isPrintable(text: string): boolean {
  return /^[\n\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/.test(text);
}

function isPlain(text: string): boolean {
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[-?:](?: |$)/.test(text)) return false;
  if (text.startsWith('---') || text.startsWith('...')) return false;
  return !/^ | $|: |:$| #/.test(text);
}

function literalBlock(text: string, indent: string): string {
  const chomp = text.endsWith('\n') ? (text.endsWith('\n\n') || text === '\n' ? '+' : '') : '-';
  const body = text.replace(/\n$/, '').split('\n');
  const hint = text.startsWith(' ') || text.startsWith('\n') ? '2' : '';
  return `|${hint}${chomp}\n${body.map((line) => (line === '' ? '' : `${indent}${line}`)).join('\n')}`;
}

const escapes = new Map([
  ['\0', '\\0'],
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\v', '\\v'],
  ['\f', '\\f'],
  ['\r', '\\r'],
  ['\u001b', '\\e'],
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\u0085', '\\N'],
  ['\u00a0', '\\_'],
  ['\u2028', '\\L'],
  ['\u2029', '\\P'],
]);

function doubleQuoted(text: string): string {
  const pieces = Array.from(text, (character) => {
    const escape = escapes.get(character);
    if (escape !== undefined) return escape;
    if (isPrintable(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x100) return `\\x${hex(code, 2)}`;
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });
  return `"${pieces.join('')}"`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0');
}
