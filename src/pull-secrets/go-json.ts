/** A text, or an object as its members in order: a record would put names made of digits first. */
export type JsonTree = string | JsonMembers;
/** The members of an object, in order. */
export type JsonMembers = readonly (readonly [name: string, value: JsonTree])[];

const short = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** JSON as Go writes it: `<`, `>`, `&` and the two line ends of Unicode as `\u` and four digits. In one line, or indented. */
export function renderGoJson(value: JsonTree, indent?: string): string {
  return render(value, indent, '');
}

function render(value: JsonTree, indent: string | undefined, before: string): string {
  if (typeof value === 'string') return renderText(value);
  const inner = before + (indent ?? '');
  const members = value.map(([name, member]) => {
    const separator = indent === undefined ? ':' : ': ';
    return `${renderText(name)}${separator}${render(member, indent, inner)}`;
  });
  if (members.length === 0) return '{}';
  return indent === undefined
    ? `{${members.join(',')}}`
    : `{\n${members.map((member) => inner + member).join(',\n')}\n${before}}`;
}

function renderText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what must be escaped
  const escaped = text.replace(/["\\\u0000-\u001f<>&\u2028\u2029]|\p{Surrogate}/gu, (character) => {
    const code = character.charCodeAt(0);
    return (
      short.get(character) ?? (code >= 0xd800 && code < 0xe000 ? '\\ufffd' : `\\u${code.toString(16).padStart(4, '0')}`)
    );
  });
  return `"${escaped}"`;
}
