import { asArray, asObject, type JsonObject, type JsonValue } from '../../formats/index.js';
import type { FieldEdit } from '../analysis/manifest-report.js';

/** Edits by the path that they share: what is to become of one value. */
export type EditTree =
  | { readonly kind: 'set'; readonly value: JsonValue }
  | { readonly kind: 'remove' }
  | { readonly kind: 'within'; readonly children: Map<string | number, EditTree> };

/**
 * Adds an edit to a tree. What the tree says already may be said again; an edit that contradicts it, or lies inside of
 * what is set or removed, is not taken.
 */
export function addEdit(tree: Map<string | number, EditTree>, edit: FieldEdit): boolean {
  const { path } = edit;
  const last = path.at(-1);
  if (last === undefined) return false;
  let here = tree;
  for (const step of path.slice(0, -1)) {
    const next = here.get(step);
    if (next === undefined) {
      const children = new Map<string | number, EditTree>();
      here.set(step, { kind: 'within', children });
      here = children;
    } else if (next.kind === 'within') here = next.children;
    else return false;
  }
  const wanted: EditTree = 'set' in edit ? { kind: 'set', value: edit.set } : { kind: 'remove' };
  const there = here.get(last);
  if (there !== undefined) return sameEdit(there, wanted);
  here.set(last, wanted);
  return true;
}

/** Do both say the same? */
export function sameEdit(a: EditTree, b: EditTree): boolean {
  if (a.kind === 'set') return b.kind === 'set' && sameValue(a.value, b.value);
  if (a.kind === 'remove' || b.kind !== 'within') return a.kind === b.kind;
  if (a.children.size !== b.children.size) return false;
  return [...a.children].every(([step, child]) => {
    const other = b.children.get(step);
    return other !== undefined && sameEdit(child, other);
  });
}

/** Is anything set by it? What only removes makes nothing. */
export function sets(edit: EditTree): boolean {
  if (edit.kind !== 'within') return edit.kind === 'set';
  for (const child of edit.children.values()) if (sets(child)) return true;
  return false;
}

/** Why a value cannot be edited so. */
export class Unfit extends Error {
  constructor(
    message: string,
    readonly code: 'NO_PLACE' | 'UNPROVEN' = 'UNPROVEN',
  ) {
    super(message);
  }
}

/**
 * The value as it must be after the edits; nothing that the value shares is changed. Members that are missing are made,
 * `null` counts as missing; a list grows by the index behind its last one.
 * @throws Unfit
 */
export function editedValue(value: JsonValue | undefined, edit: EditTree): JsonValue | undefined {
  if (edit.kind === 'set') return edit.value;
  if (edit.kind === 'remove') return undefined;
  if ((value === undefined || value === null) && !sets(edit)) return value;
  const steps = [...edit.children.keys()];
  const list = asArray(value);
  if (list) return editedList(list, edit.children);
  const object = asObject(value);
  if (!object && value !== null && value !== undefined)
    throw new Unfit('the value there is no mapping and no list', 'NO_PLACE');
  const isNewList = !object && steps.length > 0 && steps.every((step) => typeof step === 'number');
  if (isNewList) return editedList([], edit.children);
  return editedObject(object ?? {}, edit.children);
}

function editedList(list: readonly JsonValue[], children: ReadonlyMap<string | number, EditTree>): JsonValue {
  const items: (JsonValue | undefined)[] = [...list];
  for (const [step, child] of [...children].sort(([a], [b]) => Number(a) - Number(b))) {
    if (typeof step !== 'number' || step > items.length)
      throw new Unfit(`the list has no place ${String(step)}`, 'NO_PLACE');
    items[step] = editedValue(items[step], child);
  }
  return items.filter((item) => item !== undefined);
}

function editedObject(object: JsonObject, children: ReadonlyMap<string | number, EditTree>): JsonValue {
  const members = new Map<string, JsonValue>(Object.entries(object));
  for (const [step, child] of children) {
    const key = String(step);
    const next = editedValue(members.get(key), child);
    if (next === undefined) members.delete(key);
    else members.set(key, next);
  }
  return Object.fromEntries(members);
}

/** Equal as JSON, whatever the order of members. */
export function sameValue(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  const list = asArray(a);
  const otherList = asArray(b);
  if (list || otherList) {
    if (!list || !otherList || list.length !== otherList.length) return false;
    return list.every((item, at) => sameValue(item, otherList[at]));
  }
  const object = asObject(a);
  const other = asObject(b);
  if (!object || !other) return false;
  const keys = Object.keys(object);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && sameValue(object[key], other[key]));
}
