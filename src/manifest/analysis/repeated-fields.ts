import type { YamlDocument, YamlNode, YamlPath } from '../../formats/index.js';
import { childAt } from './node-at.js';

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

const maxReported = 100;

/** Goes down to the mapping in which a key begins at the offset. */
function descend(document: YamlDocument, node: YamlNode, offset: number, path: (string | number)[]): void {
  const found = childAt(node, offset);
  if (!found || found.isKey || found.child.kind === 'alias') return;
  const key = node.kind === 'mapping' ? node.keys[found.at] : undefined;
  path.push(key ? bare(document.text.slice(key.start, key.end)) : found.at);
  descend(document, found.child, offset, path);
}

function bare(text: string): string {
  const first = text[0];
  return text.length > 1 && (first === '"' || first === "'") && text.endsWith(first) ? text.slice(1, -1) : text;
}
