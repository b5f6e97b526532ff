import {
  readYamlStream,
  type JsonValue,
  type YamlDocument,
  type YamlPart,
  type YamlPath,
} from '../../formats/index.js';
import type { FieldEdit } from '../analysis/manifest-report.js';
import { addEdit, editedValue, sameValue, Unfit, type EditTree } from './edit-tree.js';
import { planEdits, type Sharing } from './plan.js';
import { writingStyle } from './render.js';
import type { PlanSubject } from './site.js';
import { spliced } from './splice.js';

/** A document after its edits. */
export interface EditedDocument {
  /** The document's whole text; the old one if nothing was done. */
  readonly text: string;
  readonly applied: readonly FieldEdit[];
  readonly refused: readonly RefusedEdit[];
}

/** An edit that was not made, and why. */
export interface RefusedEdit {
  readonly edit: FieldEdit;
  /**
   * `SHARED`: behind an anchor, an alias or a merge key, so that other places would change with it. `CONFLICT`: it
   * contradicts another edit. `NO_PLACE`: the path leads to nothing that could hold it. `UNPROVEN`: the text is written in
   * a way in which the edit would change more, or less, than was meant.
   */
  readonly code: 'SHARED' | 'CONFLICT' | 'NO_PLACE' | 'UNPROVEN';
  /** One clause. */
  readonly reason: string;
}

/**
 * Edits a document's text as little as possible: comments, order, anchors, indentation, quotes and line ends stay. What
 * comes out is read again, and its value is the old value with exactly the edits that are told to be applied; edits for
 * which that cannot be had are refused. Paths are those of the document as it was. The same edit may be given twice.
 */
export function applyEdits(document: YamlDocument, edits: readonly FieldEdit[]): EditedDocument {
  const refused: RefusedEdit[] = [];
  const all = new Map<string | number, EditTree>();
  const fit = edits.filter((edit) => {
    if (addEdit(all, edit)) return true;
    refused.push({ edit, code: 'CONFLICT', reason: 'another edit of the same field says otherwise' });
    return false;
  });
  if (fit.length === 0) return { text: document.text, applied: [], refused };
  const trials = new Trials(document);
  const settled = trials.settle({ units: [], text: document.text }, unitsOf(document, fit));
  const applied = new Set(settled.units.flat());
  for (const edit of fit) if (!applied.has(edit)) refused.push(refusal(document, edit, trials.reasonOf(edit)));
  return { text: settled.text, applied: fit.filter((edit) => applied.has(edit)), refused };
}

/** Edits that can only be made together. */
type Unit = readonly FieldEdit[];

type Why = Pick<Unfit, 'code' | 'message'>;

interface Settled {
  readonly units: readonly Unit[];
  readonly text: string;
}

/** Finds as many edits as can be made together, by trying all, then halves. */
class Trials {
  readonly #document: YamlDocument;
  readonly #subject: PlanSubject | undefined;
  readonly #parts: number;
  readonly #reasons = new Map<FieldEdit, Why>();

  constructor(document: YamlDocument) {
    this.#document = document;
    this.#subject = subjectOf(document);
    this.#parts = partsOf(document.text).length;
  }

  reasonOf(edit: FieldEdit): Why | undefined {
    return this.#reasons.get(edit);
  }

  settle(accepted: Settled, candidates: readonly Unit[]): Settled {
    const text = this.#try([...accepted.units, ...candidates].flat());
    if (text !== undefined) return { units: [...accepted.units, ...candidates], text };
    const [only] = candidates;
    if (candidates.length > 1) {
      const half = candidates.length >> 1;
      return this.settle(this.settle(accepted, candidates.slice(0, half)), candidates.slice(half));
    }
    // What must be done in several places at once may still be possible in some of them.
    if (only && only.length > 1)
      return this.settle(
        accepted,
        only.map((edit) => [edit]),
      );
    return accepted;
  }

  /** The proven text. */
  #try(edits: readonly FieldEdit[]): string | undefined {
    const children = new Map<string | number, EditTree>();
    for (const edit of edits) addEdit(children, edit);
    const tree: EditTree = { kind: 'within', children };
    let reason: Why = { code: 'UNPROVEN', message: 'it would change more than was meant, or less' };
    try {
      if (!this.#subject) throw new Unfit('the text cannot be followed');
      const expected = editedValue(this.#document.value, tree);
      for (const sharing of ['through', 'writeOut'] as const) {
        const text = attempt(this.#subject, tree, sharing);
        if (text !== undefined && this.#proves(text, expected)) return text;
      }
      // The second way tells better why it is none.
      planEdits(this.#subject, tree, 'writeOut');
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      reason = error;
    }
    for (const edit of edits) this.#reasons.set(edit, reason);
    return undefined;
  }

  #proves(text: string, expected: JsonValue | undefined): boolean {
    const parts = partsOf(text);
    const document = parts.find((part) => part.kind === 'document');
    return parts.length === this.#parts && document !== undefined && sameValue(document.value, expected);
  }
}

function attempt(subject: PlanSubject, tree: EditTree, sharing: Sharing): string | undefined {
  try {
    return spliced(subject.text, planEdits(subject, tree, sharing));
  } catch (error) {
    if (error instanceof Unfit) return undefined;
    throw error;
  }
}

/** Nothing for texts that are JSON, but no YAML. */
function subjectOf(document: YamlDocument): PlanSubject | undefined {
  const { text, value, isJson } = document;
  try {
    const root = document.tree();
    return { text, root, value, isJson, style: writingStyle(text, root) };
  } catch {
    // The value is known from the JSON reader alone; without the places of its values nothing is edited.
    return undefined;
  }
}

function partsOf(text: string): readonly YamlPart[] {
  return [...readYamlStream(text)].filter((part) => part.kind !== 'empty');
}

/** Edits behind the same anchor are made together, because one change of the text may be all of them. */
function unitsOf(document: YamlDocument, edits: readonly FieldEdit[]): readonly Unit[] {
  const units = new Map<unknown, FieldEdit[]>();
  for (const edit of edits) {
    const key = sharedAt(document, edit.path) ?? edit;
    const unit = units.get(key);
    if (unit) unit.push(edit);
    else units.set(key, [edit]);
  }
  return [...units.values()];
}

/** The outermost anchored node that a path leads through, however it gets there. */
function sharedAt(document: YamlDocument, path: YamlPath): unknown {
  for (let length = 1; length <= path.length; length++) {
    const { place, found } = document.locateNearest(path.slice(0, length));
    if (found < length) return undefined;
    const node = place.node.kind === 'alias' ? place.node.target : place.node;
    if (node.anchor !== undefined || place.shared) return node;
  }
  return undefined;
}

function refusal(document: YamlDocument, edit: FieldEdit, why: Why | undefined): RefusedEdit {
  if (sharedAt(document, edit.path) !== undefined) {
    return {
      edit,
      code: 'SHARED',
      reason: 'other places use the same text through an anchor, an alias or a merge key',
    };
  }
  const { code, message } = why ?? { code: 'UNPROVEN', message: 'the text is written in an unusual way' };
  return { edit, code, reason: message };
}
