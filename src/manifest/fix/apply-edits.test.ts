import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { readYamlStream, type JsonValue, type YamlDocument, type YamlPath } from '../../formats/index.js';
import type { FieldEdit } from '../analysis/manifest-report.js';
import { applyEdits, type EditedDocument } from './apply-edits.js';
import { writeYaml, type Hand } from './fixtures/write-yaml.js';

function documentOf(text: string): YamlDocument {
  const [document, ...others] = [...readYamlStream(text)].filter((part) => part.kind !== 'empty');
  assert.ok(document?.kind === 'document' && others.length === 0, text);
  return document;
}

function edited(text: string, ...edits: readonly FieldEdit[]): EditedDocument {
  return applyEdits(documentOf(text), edits);
}

/** Every edit is made, and the text is this one. */
function becomes(before: string, edits: readonly FieldEdit[], after: string): void {
  const result = edited(before, ...edits);
  assert.deepEqual(result.refused, []);
  assert.equal(result.text, after);
}

const set = (path: string, value: JsonValue): FieldEdit => ({ path: pathOf(path), set: value });
const remove = (path: string): FieldEdit => ({ path: pathOf(path), remove: true });
const pathOf = (path: string): YamlPath => path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));

test('a scalar is set in its place, with its quotes and its comment', () => {
  becomes('a: true # yes\nb: 1\n', [set('a', false)], 'a: false # yes\nb: 1\n');
  becomes("a: 'x'\n", [set('a', "it's")], "a: 'it''s'\n");
  becomes('a: "x"   # c\n', [set('a', 'y')], 'a: "y"   # c\n');
  becomes('a: x\n', [set('a', 'yes')], 'a: "yes"\n');
  becomes('a:\nb: 1\n', [set('a', 'x')], 'a: x\nb: 1\n');
  becomes('a: # later\nb: 1\n', [set('a', 2)], 'a: 2 # later\nb: 1\n');
  becomes('a: |\n  text\n  more\n\nb: 1\n', [set('a', 'x')], 'a: x\n\nb: 1\n');
  becomes('a: !!str 5 # c\n', [set('a', 6)], 'a: 6 # c\n');
  becomes('a: &x 5 # c\nb: 1\n', [set('a', 6)], 'a: &x 6 # c\nb: 1\n');
});

test('what is missing is made, in the habits of the document', () => {
  const drop = set('s.c.drop', ['ALL']);
  becomes('s:\n    x: 1\n', [drop], 's:\n    x: 1\n    c:\n        drop:\n            - ALL\n');
  becomes('l:\n- 1\ns:\n  x: 1\n', [drop], 'l:\n- 1\ns:\n  x: 1\n  c:\n    drop:\n    - ALL\n');
  becomes('s: {x: 1}\n', [drop], 's: {x: 1, c: {drop: [ALL]}}\n');
  becomes('s: {}\n', [drop], 's:\n  c:\n    drop:\n      - ALL\n');
  becomes('s: # none\n', [drop], 's: # none\n  c:\n    drop:\n      - ALL\n');
  becomes('s:\r\n  x: 1\r\n', [drop], 's:\r\n  x: 1\r\n  c:\r\n    drop:\r\n      - ALL\r\n');
  becomes('s:\n  x: 1', [set('s.w', 2), set('z', 3)], 's:\n  x: 1\n  w: 2\nz: 3');
  becomes('\ufeffs:\n  x: 1\n', [set('z', 3)], '\ufeffs:\n  x: 1\nz: 3\n');
});

test('several edits of one place are put in together', () => {
  becomes(
    'c:\n- name: a\n- name: b # two\n# end\n',
    [set('c.0.s.p', false), set('c.0.s.q.r', 'x'), set('c.1.s.p', false), set('h', true)],
    'c:\n- name: a\n  s:\n    p: false\n    q:\n      r: x\n- name: b # two\n  s:\n    p: false\nh: true\n# end\n',
  );
});

test('comments that belong to a block stay with it', () => {
  becomes(
    'a:\n  b: 1\n  # of a\n# of the root\nc: 1\n',
    [set('a.d', 2)],
    'a:\n  b: 1\n  d: 2\n  # of a\n# of the root\nc: 1\n',
  );
  becomes(
    'a:\n  b:\n    x: 1\n    # of b\n  # of a\n',
    [set('a.d', 2)],
    'a:\n  b:\n    x: 1\n    # of b\n  d: 2\n  # of a\n',
  );
});

test('entries go with their lines', () => {
  becomes('a: 1\nb: 2 # gone\n# stays\nc: 3\n', [remove('b')], 'a: 1\n# stays\nc: 3\n');
  becomes('a: 1\nb:\n  - x\n  - y\nc: 3\n', [remove('b')], 'a: 1\nc: 3\n');
  becomes('l:\n- a: 1\n  b: 2\n- c: 3\n', [remove('l.0.a')], 'l:\n- b: 2\n- c: 3\n');
  becomes('l:\n- a: 1 # one\n  b: 2\n', [remove('l.0.a')], 'l:\n- # one\n  b: 2\n');
  becomes('l:\n- a\n- b # two\n- c\n', [remove('l.1')], 'l:\n- a\n- c\n');
  becomes('l: [a, b, c]\n', [remove('l.0'), remove('l.2')], 'l: [b]\n');
  becomes('m: {a: 1, b: 2, c: 3}\n', [remove('m.b'), remove('m.c'), set('m.d', 4)], 'm: {a: 1, d: 4}\n');
  becomes('s:\n  a: 1\nt: 2\n', [remove('s.a')], 's: {}\nt: 2\n');
  becomes('s: # here\n  - 1\n  - 2\nt: 2\n', [remove('s.0'), remove('s.1')], 's: [] # here\nt: 2\n');
  becomes('a: 1\na: 2\nb: 3\n', [remove('a')], 'b: 3\n');
});

test('lists and mappings change by as little as can be', () => {
  becomes('d:\n- NET_RAW # why\n- CHOWN\n', [set('d', ['ALL'])], 'd:\n- ALL # why\n');
  becomes('d: [NET_RAW]\n', [set('d', ['ALL', 'X'])], 'd: [ALL, X]\n');
  becomes('d: []\n', [set('d', ['ALL'])], 'd: [ALL]\n');
  becomes('m:\n  a: 1 # c\n  b: 2\n', [set('m', { a: 3, c: 4 })], 'm:\n  a: 3 # c\n  c: 4\n');
  becomes('l:\n- 1\n', [set('l.1', { a: { b: [1] } })], 'l:\n- 1\n- a:\n    b:\n    - 1\n');
});

test('JSON stays JSON', () => {
  becomes('{"a":{"b":1},"l":[1]}', [set('a.c', 'x'), set('l.1', true)], '{"a":{"b":1,"c":"x"},"l":[1,true]}');
  becomes(
    '{\n\t"a": {\n\t\t"b": 1\n\t}\n}\n',
    [set('a.c', { d: [1] })],
    '{\n\t"a": {\n\t\t"b": 1,\n\t\t"c": {\n\t\t\t"d": [\n\t\t\t\t1\n\t\t\t]\n\t\t}\n\t}\n}\n',
  );
  becomes('{"a": 1, "b": 2}', [remove('a')], '{"b": 2}');
  becomes('---\n{"a": {}}\n', [set('a.b', 'y')], '---\n{"a": {"b": "y"}}\n');
});

const shared = 'l:\n- s: &x\n    p: true\n- s: *x\n';

test('a shared value is edited only where that is meant', () => {
  const both = [set('l.0.s.p', false), set('l.1.s.p', false)];
  becomes(shared, both, 'l:\n- s: &x\n    p: false\n- s: *x\n');
  becomes(shared, [set('l.1.s.p', false)], 'l:\n- s: &x\n    p: true\n- s:\n    p: false\n');
  const one = edited(shared, set('l.0.s.p', false));
  assert.equal(one.text, shared);
  assert.deepEqual(
    one.refused.map(({ code }) => code),
    ['SHARED'],
  );
});

test('what a merge key brings is overridden where it is used', () => {
  const merged = 'base: &b\n  p: true\n  s: {q: 1}\nuse:\n  <<: *b\n  r: 1\n';
  becomes(merged, [set('use.p', false)], `${merged}  p: false\n`);
  becomes(merged, [set('use.s.q', 2)], `${merged}  s:\n    q: 2\n`);
  const gone = edited(merged, remove('use.p'));
  assert.equal(gone.text, merged);
  assert.equal(gone.refused[0]?.code, 'SHARED');
});

test('edits that contradict each other, or lead nowhere, are refused, and the others are made', () => {
  const { text, applied, refused } = edited(
    'a: 1\nl: [1]\n',
    set('a', 2),
    set('a', 3),
    set('l.5', 1),
    set('a.b.c', 1),
    set('b', 4),
  );
  assert.equal(text, 'a: 2\nl: [1]\nb: 4\n');
  assert.equal(applied.length, 2);
  assert.deepEqual(refused.map(({ code }) => code).sort(), ['CONFLICT', 'CONFLICT', 'NO_PLACE']);
  assert.equal(edited('a: 1\n', set('a.b', 1)).refused[0]?.code, 'NO_PLACE');
  assert.deepEqual(edited('a: 1\n', remove('x.y')).refused, []);
});

test('a document of a stream keeps its marker and its end', () => {
  becomes('--- # start\na: 1\n...\n', [set('b', 2)], '--- # start\na: 1\nb: 2\n...\n');
  becomes('%YAML 1.1\n---\na: 1\n', [set('a', 2)], '%YAML 1.1\n---\na: 2\n');
});

test('unusual but legal forms are edited rightly or not at all', () => {
  const cases: readonly (readonly [string, FieldEdit])[] = [
    ['? a\n: b\n? c\n: d\n', set('a', 'x')],
    ['? a\n: b\n? c\n: d\n', remove('a')],
    ['? a\n: b\n', set('e', 1)],
    ['a: "multi\n  line"\nb: 1\n', set('a', 'x')],
    ['a: >-\n  folded\n\n  text\n\n\nb: 1\n', set('c', 'x')],
    ['a: |+\n  keep\n\n\n', set('c', 'x')],
    ['a:\n  b: |+\n    keep\n\n\nc: 1\n', set('a.x', 1)],
    ['{a: 1, # c\n b: 2 # d\n}\n', set('c', 3)],
    ['{a: 1, b: 2, }\n', set('c', 3)],
    ['{a, b: }\n', set('a', 3)],
    ['{a, b: }\n', set('b', 3)],
    ['[a: 1, b]\n', set('0.a', 3)],
    ['- - a\n  - b\n', remove('0.0')],
    ['- - a\n  - b\n', set('0.2', 'c')],
    ['-\n  a: 1\n-   b: 1\n    c: 2\n', set('1.d', 3)],
    ['a: &x\n  b: 1\n', set('a', 3)],
    ['a: !t {b: 1}\n', set('a.c', 3)],
    ['"a": 1\n\'b\': 2\n', set('b', 3)],
    ['a: 1\rb: 2\r', set('b', 3)],
    ['a:\n    b: 1\n\n\n\n', set('a.c', 3)],
    ['a: *x\n', set('b', 1)],
    ['# only\na: 1 #\n#\n', remove('a')],
  ];
  for (const [text, edit] of cases) {
    const parts = [...readYamlStream(text)].filter((part) => part.kind === 'document');
    for (const document of parts) {
      const { text: after, applied } = applyEdits(document, [edit]);
      const expected = applied.length === 0 ? document.value : oracle(document.value, edit);
      assert.deepEqual(documentOf(after).value, expected, text);
    }
  }
});

/** The same edit of a plain value, done without care for texts. */
function oracle(value: JsonValue, edit: FieldEdit): JsonValue {
  const copy = structuredClone(value);
  let here = { root: copy } as Record<string | number, JsonValue>;
  let step: string | number = 'root';
  for (const next of edit.path) {
    const there: JsonValue | undefined = here[step];
    if (there === undefined || there === null) {
      if (!('set' in edit)) return copy;
      here[step] = (typeof next === 'number' ? [] : {}) as JsonValue;
    }
    here = here[step] as Record<string | number, JsonValue>;
    step = next;
  }
  if ('set' in edit) here[step] = edit.set;
  else if (Array.isArray(here)) here.splice(Number(step), 1);
  else delete here[step];
  return edit.path.length === 0 && 'set' in edit ? edit.set : copy;
}

const scalars = fc.oneof(
  fc.constantFrom<JsonValue>(
    true,
    false,
    null,
    0,
    7,
    -1.5,
    'abc',
    'yes',
    '0',
    '',
    'a: b',
    '# no',
    '- x',
    "it's",
    '{',
    'é\u2028',
    '\t',
  ),
  fc.string({ maxLength: 8 }),
);
const keys = fc.constantFrom('alpha', 'beta', 'gamma', 'yes', 'a b', '0', 'null', 'name');
const values = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const hands: fc.Arbitrary<Partial<Hand>> = fc.record({
  indent: fc.constantFrom(1, 2, 4),
  listIndent: fc.constantFrom(0, 2),
  comments: fc.boolean(),
  quotes: fc.constantFrom('plain', 'single', 'double'),
  flowBelow: fc.constantFrom(0, 1, 2, 3, 99),
  eol: fc.constantFrom('\n', '\r\n'),
  endsWithEol: fc.boolean(),
  start: fc.constantFrom('', '---'),
});

/** A path into the value, or somewhat past it. */
function pathInto(value: JsonValue, picks: readonly number[]): YamlPath {
  const path: (string | number)[] = [];
  let here: JsonValue | undefined = value;
  for (const pick of picks) {
    if (Array.isArray(here)) {
      const at = pick % (here.length + 1);
      path.push(at);
      here = here[at] as JsonValue | undefined;
    } else if (here === null || here === undefined || typeof here === 'object') {
      const names: readonly string[] = [...Object.keys(here ?? {}), 'fresh', 'name'];
      const name = names[pick % names.length] ?? 'fresh';
      path.push(name);
      here = (here as Readonly<Record<string, JsonValue>> | null | undefined)?.[name];
    } else break;
  }
  return path;
}

const edits = fc.record({
  picks: fc.array(fc.nat(7), { minLength: 1, maxLength: 5 }),
  to: fc.oneof(fc.constant(undefined), values),
});

test('any edits of any document change exactly what they say, and comments stay', () => {
  fc.assert(
    fc.property(
      fc.dictionary(keys, values, { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
      hands,
      fc.array(edits, { minLength: 1, maxLength: 4 }),
      (value, hand, wanted) => {
        const text = writeYaml(value, hand);
        const document = documentOf(text);
        assert.deepEqual(document.value, value);
        const all = wanted.map(({ picks, to }): FieldEdit => {
          const path = pathInto(value, picks);
          return to === undefined ? { path, remove: true } : { path, set: to };
        });
        const result = applyEdits(document, all);
        assert.equal(result.applied.length + result.refused.length, all.length);
        for (const { code, edit } of result.refused)
          assert.ok(code === 'CONFLICT' || code === 'NO_PLACE', `${code} ${JSON.stringify(edit)}\n${text}`);
        // Removals last, from behind: places in lists are those of the old document.
        const sets = result.applied.filter((edit) => 'set' in edit);
        const removals = result.applied
          .filter((edit) => !('set' in edit))
          .toSorted((a, b) => comparePaths(b.path, a.path));
        const unique = new Map([...sets, ...removals].map((edit) => [JSON.stringify(edit), edit]));
        let expected: JsonValue = value;
        for (const edit of unique.values()) expected = oracle(expected, edit);
        if (Object.keys(expected as object).length > 0) assert.deepEqual(documentOf(result.text).value, expected);
        const onlySets = sets.length === result.applied.length && sets.every((edit) => typeof edit.set !== 'object');
        if (onlySets && result.refused.length === 0 && hand.comments) {
          const kept = new Set(result.text.match(/# (?:line|above|top of) \d+/g));
          const lost = (text.match(/# (?:above|top of) \d+/g) ?? []).filter((comment) => !kept.has(comment));
          if (sets.every((edit) => isScalarThere(value, edit.path))) assert.deepEqual(lost, []);
        }
      },
    ),
    { numRuns: 400 },
  );
});

function comparePaths(a: YamlPath, b: YamlPath): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [left, right] = [a[at], b[at]];
    if (left === right) continue;
    return typeof left === 'number' && typeof right === 'number' ? left - right : String(left) < String(right) ? -1 : 1;
  }
  return a.length - b.length;
}

function isScalarThere(value: JsonValue, path: YamlPath): boolean {
  let here: JsonValue | undefined = value;
  for (const step of path) here = (here as Readonly<Record<string | number, JsonValue>> | null | undefined)?.[step];
  return here === undefined || here === null || typeof here !== 'object';
}

test('another reader finds the same in an edited text', () => {
  const text = 'a: {b: [1, "x"]}\nc:\n- d: e # f\n';
  const { text: after } = edited(text, set('a.g', 'on'), set('c.0.h', { i: '1_0', j: [null, 'a: b'] }));
  assert.deepEqual(parse(after), { a: { b: [1, 'x'], g: 'on' }, c: [{ d: 'e', h: { i: '1_0', j: [null, 'a: b'] } }] });
});
