import type { YamlDocument, YamlNode, YamlPath } from '../../formats/index.js';

/** A key that stands more than once in a mapping. */
export interface RepeatedPath {
  /** From the document's root. */
  readonly path: YamlPath;
  /** Of the later key. */
  readonly offset: number;
}

/** The keys of a document that stand more than once in a mapping, by their paths. */
export function repeatedPaths(document: YamlDocument): readonly RepeatedPath[] {
  const keys = document.repeatedKeys();
  if (keys.length === 0) return [];
  return keys.slice(0, maxReported).map(({ key, at }) => {
    const above: (string | number)[] = [];
    descend(document, document.tree(), at, above);
    return { path: [...above, key], offset: at };
  });
}

const maxReported = 1000;

/** Goes down to the mapping in which a key begins at the offset. */
function descend(document: YamlDocument, node: YamlNode, offset: number, path: (string | number)[]): void {
  if (node.kind === 'sequence') {
    const at = node.items.findIndex((item) => holds(item, offset));
    const item = node.items[at];
    if (!item) return;
    path.push(at);
    descend(document, item, offset, path);
  } else if (node.kind === 'mapping') {
    if (node.keys.some((key) => key.start === offset)) return;
    const at = node.values.findIndex((value) => holds(value, offset));
    const key = node.keys[at];
    const value = node.values[at];
    if (!key || !value) return;
    path.push(bare(document.text.slice(key.start, key.end)));
    descend(document, value, offset, path);
  }
}

function holds(node: YamlNode, offset: number): boolean {
  return node.kind !== 'alias' && node.start <= offset && offset < node.end;
}

function bare(text: string): string {
  const first = text[0];
  return text.length > 1 && (first === '"' || first === "'") && text.endsWith(first) ? text.slice(1, -1) : text;
}
