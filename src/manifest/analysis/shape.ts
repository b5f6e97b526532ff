import { asArray, asObject, type JsonObject, type JsonValue, type YamlPath } from '../../formats/index.js';
import { editDistance } from './spelling.js';

/** What is wrong with a field that matters for security. Paths begin at the value that is checked. */
export type ShapeProblem =
  | {
      readonly problem: 'type';
      readonly path: YamlPath;
      /** A noun with its article. */
      readonly wanted: string;
      /** The value that was meant, if it is only in quotes. */
      readonly meant?: JsonValue | undefined;
    }
  | {
      readonly problem: 'misspelled';
      readonly path: YamlPath;
      readonly meant: string;
      /** Where the name that was meant belongs, if that is elsewhere. */
      readonly belongs?: string;
    }
  | { readonly problem: 'misplaced'; readonly path: YamlPath; readonly belongs: string };

export type FieldType = 'boolean' | 'integer' | 'text' | 'texts' | 'textMapping' | 'mapping' | 'list' | 'any';

/** A type, a mapping with fields of its own, or a list of such mappings. */
export type FieldShape = FieldType | Place | readonly [Place];

/** A mapping whose fields matter. `null` stands for a field that is not there. */
export interface Place {
  /** In words, for where a field belongs. */
  readonly name: string;
  readonly fields: { readonly [key: string]: FieldShape };
  /** Names of fields whose type is not looked at, divided by blanks. */
  readonly others?: string;
  /** Fields that protect, divided by blanks: a name that is nearly one of them, or one of another place, is a slip. */
  readonly guards?: string;
}

/** Looks at a value as a place has it; never throws. Problems come in the order of the value's keys. */
export class ShapeChecker {
  readonly #root: Place;
  readonly #elsewhere: readonly Place[];
  readonly #known = new Map<Place, KnownNames>();

  /** @param elsewhere where fields belong that are found in the wrong place. */
  constructor(root: Place, elsewhere: readonly Place[] = []) {
    this.#root = root;
    this.#elsewhere = elsewhere;
    this.#learn(root);
  }

  check(value: JsonObject): readonly ShapeProblem[] {
    const problems: ShapeProblem[] = [];
    this.#checkPlace(value, this.#root, { path: [], problems });
    return problems;
  }

  #learn(place: Place): void {
    if (this.#known.has(place)) return;
    const fields = new Map<string, FieldShape>(Object.entries(place.fields));
    for (const name of wordsOf(place.others)) fields.set(name, 'any');
    const byLower = new Map([...fields.keys()].map((name) => [name.toLowerCase(), name] as const));
    this.#known.set(place, { fields, byLower, guards: new Set(wordsOf(place.guards)) });
    for (const shape of fields.values()) {
      if (typeof shape !== 'string') this.#learn('fields' in shape ? shape : shape[0]);
    }
  }

  #checkPlace(value: JsonObject, place: Place, walk: Walk): void {
    const known = this.#known.get(place);
    if (!known) return;
    for (const key of Object.keys(value)) {
      const shape = known.fields.get(key);
      const inner = value[key];
      if (shape === undefined) {
        if (known.guards.size > 0) this.#checkName(key, place, walk);
      } else if (inner !== null && inner !== undefined && shape !== 'any') {
        walk.path.push(key);
        this.#checkField(inner, shape, walk);
        walk.path.pop();
      }
    }
  }

  #checkField(value: JsonValue, shape: FieldShape, walk: Walk): void {
    if (typeof shape === 'string') {
      if (!fits(value, shape)) addTypeProblem(walk, wanted[shape], meantBy(value, shape));
    } else if ('fields' in shape) {
      this.#checkMapping(value, shape, walk);
    } else {
      const list = asArray(value);
      if (!list) addTypeProblem(walk, wanted.list);
      for (let at = 0; at < (list?.length ?? 0); at++) {
        walk.path.push(at);
        this.#checkMapping(list?.[at], shape[0], walk);
        walk.path.pop();
      }
    }
  }

  #checkMapping(value: JsonValue | undefined, place: Place, walk: Walk): void {
    const mapping = asObject(value);
    if (mapping) this.#checkPlace(mapping, place, walk);
    else addTypeProblem(walk, wanted.mapping);
  }

  #checkName(key: string, place: Place, { path: above, problems }: Walk): void {
    const path = [...above, key];
    const meant = this.#nearest(key, place);
    if (meant !== undefined && this.#guards(place, meant)) {
      problems.push({ problem: 'misspelled', path, meant });
      return;
    }
    const others = this.#elsewhere.filter((other) => other !== place);
    const exact = others.filter((other) => {
      const name = this.#known.get(other)?.byLower.get(bare(key));
      return name !== undefined && this.#guards(other, name);
    });
    if (exact.length > 0) problems.push({ problem: 'misplaced', path, belongs: namesOf(exact) });
    // What is nearly a name of this place is no slip of another one's.
    else if (meant === undefined) this.#checkNameElsewhere(key, others, { path, problems });
  }

  #checkNameElsewhere(key: string, others: readonly Place[], { path, problems }: Walk): void {
    const near = others.flatMap((other) => {
      const name = this.#nearest(key, other);
      return name !== undefined && this.#guards(other, name) ? [{ other, name }] : [];
    });
    const [first] = near;
    if (!first) return;
    const belongs = namesOf(near.filter(({ name }) => name === first.name).map(({ other }) => other));
    problems.push({ problem: 'misspelled', path: [...path], meant: first.name, belongs });
  }

  #guards(place: Place, name: string): boolean {
    return this.#known.get(place)?.guards.has(name) === true;
  }

  /** The known name that a name is but for case, or for a letter or two. */
  #nearest(key: string, place: Place): string | undefined {
    const known = this.#known.get(place);
    if (!known || key.length > 40 || key.length < 3) return undefined;
    const same = known.byLower.get(bare(key));
    if (same !== undefined) return same;
    let best: string | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [lower, name] of known.byLower) {
      const allowed = lower.length < 6 ? 1 : 2;
      if (Math.abs(lower.length - key.length) > allowed) continue;
      const distance = editDistance(lower, key.toLowerCase());
      if (distance > allowed || distance >= least) continue;
      least = distance;
      best = name;
    }
    return best;
  }
}

/** Where the check has got to; the path is copied only for a problem. */
interface Walk {
  readonly path: (string | number)[];
  readonly problems: ShapeProblem[];
}

function addTypeProblem({ path, problems }: Walk, noun: string, meant?: JsonValue): void {
  problems.push({ problem: 'type', path: [...path], wanted: noun, meant });
}

function namesOf(places: readonly Place[]): string {
  return places.map(({ name }) => name).join(' or ');
}

interface KnownNames {
  readonly fields: ReadonlyMap<string, FieldShape>;
  readonly byLower: ReadonlyMap<string, string>;
  readonly guards: ReadonlySet<string>;
}

function wordsOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(' ');
}

function bare(key: string): string {
  return key.length > 40 ? key : key.toLowerCase().replaceAll(/[-_ ]/g, '');
}

const wanted: Readonly<Record<FieldType, string>> = {
  boolean: 'true or false',
  integer: 'a whole number',
  text: 'a text',
  texts: 'a list of texts',
  textMapping: 'a mapping of texts',
  mapping: 'a mapping',
  list: 'a list',
  any: 'a value',
};

function fits(value: JsonValue, type: FieldType): boolean {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'text':
      return typeof value === 'string';
    case 'texts':
      return asArray(value)?.every((item) => typeof item === 'string') === true;
    case 'textMapping': {
      const mapping = asObject(value);
      return mapping !== undefined && Object.keys(mapping).every((key) => typeof (mapping[key] ?? '') === 'string');
    }
    case 'mapping':
      return asObject(value) !== undefined;
    case 'list':
      return Array.isArray(value);
    default:
      return true;
  }
}

/** What a text in quotes was meant to be. */
function meantBy(value: JsonValue, type: FieldType): JsonValue | undefined {
  if (typeof value !== 'string' || value.length > 20) return undefined;
  const word = value.trim().toLowerCase();
  if (type === 'boolean') {
    if (word === 'true' || word === 'yes' || word === 'on') return true;
    return word === 'false' || word === 'no' || word === 'off' ? false : undefined;
  }
  return type === 'integer' && /^[0-9]{1,15}$/.test(word) ? Number(word) : undefined;
}
