import type { YamlNode } from '../../formats/index.js';

/** The child of a list or mapping that holds an offset, with its index; a key if the offset is in one. */
export function childAt(
  node: YamlNode,
  offset: number,
): { readonly at: number; readonly child: YamlNode; readonly isKey: boolean } | undefined {
  if (node.kind === 'sequence') {
    const at = lastBefore(node.items, offset);
    const child = node.items[at];
    return child && holds(child, offset) ? { at, child, isKey: false } : undefined;
  }
  if (node.kind !== 'mapping') return undefined;
  const at = lastBefore(node.keys, offset);
  const key = node.keys[at];
  const value = node.values[at];
  if (key && holds(key, offset)) return { at, child: key, isKey: true };
  return value && holds(value, offset) ? { at, child: value, isKey: false } : undefined;
}

function holds(node: YamlNode, offset: number): boolean {
  return node.start <= offset && offset < node.end;
}

/** The last node, of nodes in the order of the text, that does not begin behind the offset. */
function lastBefore(nodes: readonly YamlNode[], offset: number): number {
  let low = 0;
  let high = nodes.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((nodes[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
