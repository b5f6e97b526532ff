import { asArray, asObject, type JsonValue, type YamlPath } from '../../formats/index.js';

/** A value that a check needed and could not read: the object is not valid there, so nothing is known of it. */
export interface UnreadableField {
  readonly path: YamlPath;
  /** A clause whose subject is the field: "is no mapping". */
  readonly reason: string;
}

/**
 * A value of a manifest with the way to it, read as the API server reads it: `null` is the same as absent. What has the
 * wrong type reads as absent too, and is reported, because "absent" may then be wrong.
 */
export class Field {
  /** `undefined` if absent or `null`. */
  readonly value: JsonValue | undefined;
  readonly #parent: Field | undefined;
  readonly #key: string | number | undefined;
  readonly #report: (field: UnreadableField) => void;
  #isReadable = true;

  private constructor(
    value: JsonValue | undefined,
    report: (field: UnreadableField) => void,
    parent?: Field,
    key?: string | number,
  ) {
    this.value = value ?? undefined;
    this.#report = report;
    this.#parent = parent;
    this.#key = key;
  }

  /** The whole value; `report` hears of all that cannot be read in it, each time it is tried. */
  static root(value: JsonValue, report: (field: UnreadableField) => void): Field {
    return new Field(value, report);
  }

  /** From the root to here. */
  get path(): YamlPath {
    const path: (string | number)[] = [];
    if (this.#key !== undefined) path.push(this.#key);
    for (let field = this.#parent; field !== undefined; field = field.#parent) {
      if (field.#key !== undefined) path.push(field.#key);
    }
    return path.reverse();
  }

  /** Neither absent nor `null`. */
  get isSet(): boolean {
    return this.value !== undefined;
  }

  /** No reader has met a wrong type here or above. */
  get isReadable(): boolean {
    return this.#isReadable && (this.#parent?.isReadable ?? true);
  }

  /** A member, or a member of a member. */
  at(...keys: readonly string[]): Field {
    return keys.reduce<Field>((field, key) => field.#member(key), this);
  }

  /** The members of a mapping, absent ones left out. */
  members(): readonly { readonly key: string; readonly field: Field }[] {
    const mapping = this.#mapping();
    if (mapping === undefined) return [];
    return Object.keys(mapping).map((key) => ({ key, field: this.#member(key) }));
  }

  /** The entries of a list. */
  items(): readonly Field[] {
    if (!this.isSet) return [];
    const list = asArray(this.value);
    if (list === undefined) this.unreadable('is no list');
    return (list ?? []).map((item, index) => new Field(item, this.#report, this, index));
  }

  /** `undefined` also for what is neither true nor false, which is reported; the other readers likewise. */
  boolean(): boolean | undefined {
    if (this.value === undefined || typeof this.value === 'boolean') return this.value;
    this.unreadable('is neither true nor false');
    return undefined;
  }

  integer(): number | undefined {
    if (this.value === undefined || (typeof this.value === 'number' && Number.isInteger(this.value))) return this.value;
    this.unreadable('is no whole number');
    return undefined;
  }

  string(): string | undefined {
    if (this.value === undefined || typeof this.value === 'string') return this.value;
    this.unreadable('is no text');
    return undefined;
  }

  /** It is a mapping, and there; an empty one counts. */
  isMapping(): boolean {
    return this.#mapping() !== undefined;
  }

  /** Says that nothing can be known of it. */
  unreadable(reason: string): void {
    this.#isReadable = false;
    this.#report({ path: this.path, reason });
  }

  #member(key: string): Field {
    const mapping = this.#mapping();
    const value = mapping !== undefined && Object.hasOwn(mapping, key) ? mapping[key] : undefined;
    return new Field(value, this.#report, this, key);
  }

  #mapping(): { readonly [key: string]: JsonValue } | undefined {
    if (this.value === undefined) return undefined;
    const mapping = asObject(this.value);
    if (mapping === undefined) this.unreadable('is no mapping');
    return mapping;
  }
}
