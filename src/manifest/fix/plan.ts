import {
  asArray,
  asObject,
  isMergeKey,
  keyText,
  type JsonValue,
  type YamlMapping,
  type YamlNode,
  type YamlSequence,
} from '../../formats/index.js';
import { editBlockMapping, editBlockSequence, replaceInBlock } from './block.js';
import { editedValue, sameEdit, sameValue, sets, Unfit, type EditTree } from './edit-tree.js';
import { editFlow, flowStyleOf, replaceInFlow } from './flow.js';
import type { FlowStyle } from './render.js';
import type { PlanSubject, Site, Slot } from './site.js';
import type { Splice } from './splice.js';

/** What to do with values that stand behind an alias: edit what it names, or write it out where it stands. */
export type Sharing = 'through' | 'writeOut';

/**
 * The pieces of the text to replace for the edits. Nothing here proves that the result means what it should: it must be
 * read again and compared.
 * @throws Unfit
 */
export function planEdits(subject: PlanSubject, edit: EditTree, sharing: Sharing): readonly Splice[] {
  const planner = new Planner(subject, sharing);
  const { root, value } = subject;
  planner.edit({ node: root, value, slot: { kind: 'root' }, flow: planner.rootFlow() }, edit);
  return planner.splices;
}

class Planner {
  readonly splices: Splice[] = [];
  readonly #subject: PlanSubject;
  readonly #sharing: Sharing;
  /** What is done inside of a node, however it was reached. */
  readonly #done = new Map<YamlNode, EditTree>();
  #slots: Map<YamlNode, Pick<Site, 'slot' | 'flow'>> | undefined;

  constructor(subject: PlanSubject, sharing: Sharing) {
    this.#subject = subject;
    this.#sharing = sharing;
  }

  rootFlow(): FlowStyle | undefined {
    return this.#subject.isJson ? { isJson: true, afterColon: ' ', afterComma: ' ' } : undefined;
  }

  edit(site: Site, edit: EditTree): void {
    if (edit.kind === 'set') this.#set(site, edit.value);
    else if (edit.kind === 'within') this.#within(site, edit);
  }

  /** As few changes as lead from the old value to the new one. */
  #set(site: Site, value: JsonValue): void {
    const { node } = site;
    const children = new Map<string | number, EditTree>();
    const list = asArray(value);
    const object = asObject(value);
    if (node.kind === 'sequence' && list && list.length > 0 && node.items.length > 0) {
      const old = asArray(site.value) ?? [];
      for (let at = 0; at < Math.max(list.length, old.length); at++) change(children, at, old[at], list[at]);
    } else if (node.kind === 'mapping' && object && Object.keys(object).length > 0 && node.keys.length > 0) {
      const old = asObject(site.value) ?? {};
      for (const key of new Set([...Object.keys(old), ...Object.keys(object)]))
        change(children, key, own(old, key), own(object, key));
    } else {
      this.#replace(site, value);
      return;
    }
    if (children.size > 0) this.#within(site, { kind: 'within', children });
  }

  #within(site: Site, edit: EditTree & { readonly kind: 'within' }): void {
    const { node } = site;
    if (node.kind === 'alias') {
      if (this.#sharing === 'through') this.#within({ ...this.#placeOf(node.target), value: site.value }, edit);
      else this.#replace(site, editedValue(site.value, edit) ?? null);
      return;
    }
    const known = this.#done.get(node);
    if (known) {
      if (sameEdit(known, edit)) return;
      throw new Unfit('the value is shared, and its places need different edits');
    }
    this.#done.set(node, edit);
    if (node.kind === 'mapping') this.#mapping(site, node, edit);
    else if (node.kind === 'sequence') this.#sequence(site, node, edit);
    else {
      const next = editedValue(site.value, edit);
      if (next !== undefined && next !== null) this.#replace(site, next);
    }
  }

  #mapping(site: Site, node: YamlMapping, edit: EditTree & { readonly kind: 'within' }): void {
    const { text } = this.#subject;
    const removed = new Set<number>();
    const added = new Map<string, JsonValue>();
    const object = asObject(site.value) ?? {};
    const flow = node.inFlow ? flowStyleOf(text, node, site.flow) : undefined;
    for (const [step, child] of edit.children) {
      const key = String(step);
      const value = own(object, key);
      const pairs = pairsOf(text, node, key);
      const last = pairs.at(-1);
      const written = last === undefined ? undefined : node.values[last];
      const writtenKey = last === undefined ? undefined : node.keys[last];
      if (written && writtenKey) {
        if (child.kind === 'remove') for (const at of pairs) removed.add(at);
        else this.edit({ node: written, value, slot: { kind: 'member', mapping: node, key: writtenKey }, flow }, child);
      } else if (value === undefined) {
        const made = editedValue(undefined, child);
        if (made !== undefined) added.set(key, made);
      } else if (child.kind === 'within' && this.#sharing === 'through') this.#merged(node, key, child);
      else {
        const made = editedValue(value, child);
        if (made === undefined) throw new Unfit('the value comes from a merge key');
        added.set(key, made);
      }
    }
    if (removed.size === 0 && added.size === 0) return;
    if (removed.size === node.keys.length) this.#replace(site, editedValue(site.value, edit) ?? {});
    else if (flow) this.splices.push(...editFlow(this.#subject, node, { removed, added: [...added], flow }));
    else this.splices.push(...editBlockMapping(this.#subject, node, removed, added));
  }

  /** The mapping that a merge key takes a member from is edited in its place. */
  #merged(node: YamlMapping, key: string, child: EditTree): void {
    const source = mergeSource(this.#subject.text, node, key);
    if (!source) throw new Unfit('the value comes from a merge key');
    const place = this.#placeOf(source);
    this.#within({ ...place, value: this.#valueOf(source) }, { kind: 'within', children: new Map([[key, child]]) });
  }

  #sequence(site: Site, node: YamlSequence, edit: EditTree & { readonly kind: 'within' }): void {
    const { text } = this.#subject;
    const list = asArray(site.value) ?? [];
    const removed = new Set<number>();
    const added: JsonValue[] = [];
    const flow = node.inFlow ? flowStyleOf(text, node, site.flow) : undefined;
    for (const [step, child] of [...edit.children].sort(([a], [b]) => Number(a) - Number(b))) {
      const item = typeof step === 'number' ? node.items[step] : undefined;
      if (typeof step === 'number' && item) {
        if (child.kind === 'remove') removed.add(step);
        else {
          const slot = { kind: 'item', sequence: node, index: step } as const;
          this.edit({ node: item, value: list[step], slot, flow }, child);
        }
      } else if (sets(child)) {
        if (step !== node.items.length + added.length)
          throw new Unfit(`the list has no place ${String(step)}`, 'NO_PLACE');
        added.push(editedValue(undefined, child) ?? null);
      }
    }
    if (removed.size === 0 && added.length === 0) return;
    if (removed.size === node.items.length) this.#replace(site, editedValue(site.value, edit) ?? []);
    else if (flow) {
      const entries = added.map((value) => [undefined, value] as const);
      this.splices.push(...editFlow(this.#subject, node, { removed, added: entries, flow }));
    } else this.splices.push(...editBlockSequence(this.#subject, node, removed, added));
  }

  #replace(site: Site, value: JsonValue): void {
    const { flow } = site;
    const splices = flow
      ? replaceInFlow(this.#subject, { ...site, flow }, value)
      : replaceInBlock(this.#subject, site, value);
    this.splices.push(...splices);
  }

  /** Where an anchored node is written. */
  #placeOf(node: YamlNode): Site {
    this.#slots ??= this.#findSlots();
    const place = this.#slots.get(node);
    if (!place) throw new Unfit('the shared value stands nowhere by itself');
    return { node, value: undefined, ...place };
  }

  #findSlots(): Map<YamlNode, Pick<Site, 'slot' | 'flow'>> {
    const { text, root } = this.#subject;
    const slots = new Map<YamlNode, Pick<Site, 'slot' | 'flow'>>();
    const visit = (node: YamlNode, slot: Slot, flow: FlowStyle | undefined): void => {
      slots.set(node, { slot, flow });
      if (node.kind !== 'mapping' && node.kind !== 'sequence') return;
      const inner = node.inFlow ? flowStyleOf(text, node, flow) : undefined;
      if (node.kind === 'sequence') {
        for (const [index, item] of node.items.entries()) visit(item, { kind: 'item', sequence: node, index }, inner);
        return;
      }
      for (const [at, key] of node.keys.entries()) {
        const value = node.values[at];
        if (value) visit(value, { kind: 'member', mapping: node, key }, inner);
      }
    };
    visit(root, { kind: 'root' }, this.rootFlow());
    return slots;
  }

  /** The value of a node that a merge key names, by the way that leads to it from the root. */
  #valueOf(node: YamlNode): JsonValue | undefined {
    const slot = this.#placeOf(node).slot;
    if (slot.kind === 'root') return this.#subject.value;
    if (slot.kind === 'item') return asArray(this.#valueOf(slot.sequence))?.[slot.index];
    const around = asObject(this.#valueOf(slot.mapping));
    const key = keyText(this.#subject.text, slot.key);
    return around && key !== undefined ? own(around, key) : undefined;
  }
}

function change(
  children: Map<string | number, EditTree>,
  step: string | number,
  old: JsonValue | undefined,
  next: JsonValue | undefined,
): void {
  if (next === undefined) children.set(step, { kind: 'remove' });
  else if (!sameValue(old, next)) children.set(step, { kind: 'set', value: next });
}

function own(object: { readonly [key: string]: JsonValue }, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The places of a key among a mapping's own pairs. */
function pairsOf(text: string, node: YamlMapping, name: string): readonly number[] {
  return node.keys.flatMap((key, at) => (!isMergeKey(text, key) && keyText(text, key) === name ? [at] : []));
}

/** The mapping that gives a merged member its value: the last merge key that has it, and of a list the first part. */
function mergeSource(text: string, node: YamlMapping, name: string): YamlMapping | undefined {
  for (let at = node.keys.length - 1; at >= 0; at--) {
    const key = node.keys[at];
    const value = node.values[at];
    if (!key || !value || !isMergeKey(text, key)) continue;
    const source = value.kind === 'alias' ? value.target : value;
    for (const part of source.kind === 'sequence' ? source.items : [source]) {
      const mapping = part.kind === 'alias' ? part.target : part;
      if (mapping.kind !== 'mapping') continue;
      if (pairsOf(text, mapping, name).length > 0) return mapping;
      const deeper = mergeSource(text, mapping, name);
      if (deeper) return deeper;
    }
  }
  return undefined;
}
