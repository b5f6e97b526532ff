import type { JsonValue, YamlPath } from '../../formats/index.js';
import type { Effective } from './rule.js';
import type { FieldEdit } from './manifest-report.js';
import { kept } from './views.js';

/**
 * Paths, edits and effective values of findings, each kept once: thousands of manifests are made from the same few templates,
 * and their findings say the same of the same fields.
 */
export class PathTree {
  readonly #root = new PathNode([]);

  at(path: YamlPath): PathNode {
    return this.#root.at(path);
  }
}

/** One path, and what is known below it. */
export class PathNode {
  readonly path: YamlPath;
  readonly #below = new Map<string | number, PathNode>();
  readonly #edits: (readonly FieldEdit[])[] = [];

  constructor(path: YamlPath) {
    this.path = path;
  }

  /** The node of a path below this one. */
  at(path: YamlPath): PathNode {
    return path.reduce<PathNode>((here, step) => here.#step(step), this);
  }

  #step(step: string | number): PathNode {
    const known = this.#below.get(step);
    if (known) return known;
    const own = typeof step === 'string' ? kept(step) : step;
    const made = new PathNode([...this.path, own]);
    this.#below.set(own, made);
    return made;
  }

  /** Edits whose paths begin here, with their paths from the root. */
  edits(edits: readonly FieldEdit[]): readonly FieldEdit[] {
    const [first] = edits;
    if (!first) return none;
    if (edits.length > 1) return edits.map((edit) => ({ ...edit, path: this.at(edit.path).path }));
    return this.at(first.path).#edit(first);
  }

  #edit(edit: FieldEdit): readonly FieldEdit[] {
    const known = this.#edits.find(([other]) => other && sameEdit(other, edit));
    if (known) return known;
    const made = [{ ...edit, path: this.path }];
    if (this.#edits.length < maxEdits) this.#edits.push(made);
    return made;
  }
}

const none: readonly FieldEdit[] = [];
const maxEdits = 8;

function sameEdit(a: FieldEdit, b: FieldEdit): boolean {
  return 'set' in a ? 'set' in b && a.set === b.set : 'remove' in b;
}

/** Effective values that are no texts, lists or mappings, each kept once. */
export class EffectiveValues {
  readonly #known = new Map<JsonValue, Effective[]>();

  kept(effective: Effective | undefined): Effective | undefined {
    if (!effective) return undefined;
    const { value, from } = effective;
    if (typeof value === 'string') return { value: kept(value), from };
    if (typeof value !== 'boolean' && value !== null) return effective;
    const sources = this.#known.get(value) ?? [];
    const known = sources.find((other) => other.from === from);
    if (known) return known;
    const made = { value, from };
    this.#known.set(value, [...sources, made]);
    return made;
  }
}
