import assert from 'node:assert/strict';
import test from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { parse, parseDocument, stringify } from 'yaml';
import type { JsonValue } from './json.js';
import { readFirstYaml, readYamlStream, YamlReader, type YamlDocument, type YamlPart } from './yaml-stream.js';

const parts = (text: string): readonly YamlPart[] => [...readYamlStream(text)];

function valueOf(text: string): JsonValue {
  const [part, ...more] = parts(text);
  assert.equal(more.length, 0, `one document in ${JSON.stringify(text)}`);
  assert.equal(part?.kind, 'document', JSON.stringify(part));
  return part?.kind === 'document' ? part.value : null;
}

function summary(text: string): readonly JsonValue[] {
  return parts(text).map((part) => {
    if (part.kind === 'document') return part.value;
    return part.kind === 'empty' ? 'EMPTY' : `${part.line}:${part.column}`;
  });
}

/** What `kubectl label --local -o json` makes of the same text. */
const scalars: readonly (readonly [string, JsonValue])[] = [
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['~', 'null', 'Null', 'NULL', ''].map((word) => [word, null] as const),
  ['tRUE', 'tRUE'],
  ['nULL', 'nULL'],
  ['0777', 511],
  ['0o777', 511],
  ['0O7', 7],
  ['023421', 10001],
  ['0b11', 3],
  ['0B1', 1],
  ['-0b11', -3],
  ['0x10', 16],
  ['0X1F', 31],
  ['1_000', 1000],
  ['1e5', 100_000],
  ['1.20', 1.2],
  ['.5', 0.5],
  ['+.5', 0.5],
  ['1.', 1],
  ['+5', 5],
  ['08', 8],
  ['09.5', 9.5],
  ['22:22', '22:22'],
  ['190:20:30.15', '190:20:30.15'],
  ['2001-01-01', '2001-01-01'],
  ['2001-12-14t21:59:43.10-05:00', '2001-12-14t21:59:43.10-05:00'],
  ['1e400', '1e400'],
  ['0x', '0x'],
  ['0b2', '0b2'],
  ['1e', '1e'],
  ['_1', '_1'],
  ['.', '.'],
  ['=', '='],
  ['<<', '<<'],
  ['"yes"', 'yes'],
  ["'1'", '1'],
  ['!!str 3', '3'],
  ['!!int "3"', 3],
  ['! 3', '3'],
  ['!foo x', 'x'],
  ['!!binary aGk=', 'hi'],
  ['b:c', 'b:c'],
  ['e#f', 'e#f'],
  ['http://a?b=c', 'http://a?b=c'],
  ['-x', '-x'],
  ['---', '---'],
  ['"\\x41\\u0041\\U00000041\\t\\/"', 'AAA\t/'],
  ['"\\ud83d\\ude00"', '\u{1f600}'],
];

void test('words and numbers are what Kubernetes takes them for', () => {
  for (const [text, value] of scalars) assert.deepEqual(valueOf(`a: ${text}\n`), { a: value }, text);
});

const structures: readonly (readonly [string, JsonValue])[] = [
  ['a: {\n  b: c\n}\n', { a: { b: 'c' } }],
  ['a: [\n1\n]\n', { a: [1] }],
  ['a:\n  b: {\n\t"c": 1\n}\n', { a: { b: { c: 1 } } }],
  ['a: "x\ny"\n', { a: 'x y' }],
  ['a:\n- b\n- c\nd: e\n', { a: ['b', 'c'], d: 'e' }],
  ['- - a\n  - b\n- c: d\n  e: f\n-\n  g: h\n-\n', [['a', 'b'], { c: 'd', e: 'f' }, { g: 'h' }, null]],
  ['a: {b, c: , "d":1, "e": 2,}', { a: { b: null, c: null, d: 1, e: 2 } }],
  ['a: {b:1}', { a: { 'b:1': null } }],
  ['[a: b, ? c : d]', [{ a: 'b' }, { c: 'd' }]],
  ['? a\n: b\n? |\n  x\n: c\n', { a: 'b', 'x\n': 'c' }],
  ['n: x\n1: w\n1.5: z\n0x10: q\n', { false: 'x', 1: 'w', '1.5': 'z', 16: 'q' }],
  ['a: >\n  x\n  y\n\n  z\n   k\n  l\nb: |+\n  a\n\nc: |-\n  q\n\n\n', { a: 'x y\nz\n k\nl\n', b: 'a\n\n', c: 'q' }],
  ['a: |2\n    x\n   y\n', { a: '  x\n y\n' }],
  ['a: |\n  x\n# c\nb: 1', { a: 'x\n', b: 1 }],
  ['a: >-\n  x\n\n    y\n\n  z\n', { a: 'x\n\n  y\n\nz' }],
  ["a: 'it''s\n  b\n\n  c'\n", { a: "it's b\nc" }],
  ['a: "x \\\n   y\\n\n  z"\n', { a: 'x y\n z' }],
  ['a: b\n  c\n\n  d # x\ne: f', { a: 'b c\nd', e: 'f' }],
  ['a: &x {b: 1}\nc: *x\n', { a: { b: 1 }, c: { b: 1 } }],
  ['x: &c {a: 1}\nb:\n  <<: *c\n  a: 3\nc:\n  a: 3\n  <<: *c\n', { x: { a: 1 }, b: { a: 3 }, c: { a: 1 } }],
  ['b:\n  <<: [{a: 1}, {a: 2, b: 3}]\n', { b: { a: 1, b: 3 } }],
  ['"<<": {a: 1}', { '<<': { a: 1 } }],
  ['a: 1\na: 2\n', { a: 2 }],
  ['%YAML 1.1\n# x\n---\na: 1\n', { a: 1 }],
  ['--- {a: 1} # c\n', { a: 1 }],
  ['--- |\n foo\n', 'foo\n'],
  ['\ufeffa: 1\n', { a: 1 }],
  ['a: b\r\nc:\r\n  - d\r\n  - |\r\n    x\r\n    y\r\n', { a: 'b', c: ['d', 'x\ny\n'] }],
  ['{"a": "\\ud83d\\ude00\\/", "b": [1e3, null]}', { a: '\u{1f600}/', b: [1000, null] }],
];

void test('structures', () => {
  for (const [text, value] of structures) assert.deepEqual(valueOf(text), value, text);
});

void test('a key named __proto__ is a key', () => {
  const value = valueOf('__proto__: {polluted: true}\nb: 1');
  assert.deepEqual(Object.keys(value ?? {}), ['__proto__', 'b']);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

void test('documents end where YAML says: comments, blanks and carriage returns behind markers, block scalars', () => {
  assert.deepEqual(summary('a: 1\r\n---\r\nb: 2\r\n--- # c\r\nc: 3\r\n--- \t\r\nd: 4'), [
    { a: 1 },
    { b: 2 },
    { c: 3 },
    { d: 4 },
  ]);
  assert.deepEqual(summary('a: |\n x\n---\nb: 1\n...\nc: 1\n...\n---\nd: 1'), [
    { a: 'x\n' },
    { b: 1 },
    { c: 1 },
    { d: 1 },
  ]);
  assert.deepEqual(summary('---\n---\n# c\n---\na: 1\n---\nnull\n---\n'), [
    'EMPTY',
    'EMPTY',
    { a: 1 },
    'EMPTY',
    'EMPTY',
  ]);
  assert.deepEqual(summary('a: 1\n%TAG ! x\n'), ['2:1']);
  assert.deepEqual(summary('a: 1\n...\n%YAML 1.1\n---\nb: 1\n'), [{ a: 1 }, { b: 1 }]);
  assert.deepEqual(summary('a: ---x\nb: ----\n----: c\n'), [{ a: '---x', b: '----', '----': 'c' }]);
  assert.deepEqual(summary(''), []);
});

void test('JSON texts one after the other are one document each', () => {
  assert.deepEqual(summary('{"a":1}\n{"b":2} [3]'), [{ a: 1 }, { b: 2 }, [3]]);
  assert.deepEqual(summary('{"a":1} x'), ['1:9']);
});

void test('a broken document says where and leaves the others alone', () => {
  const good = 'a: 1\nb: [x, z]\n';
  const bad: readonly (readonly [string, string])[] = [
    ['a: b: c\n', '4:5'],
    ['a: "x\n', '4:4'],
    ['a: [1\n', '5:1'],
    ['a:\n\t- b\n', '5:1'],
    ['a: @x\n', '4:4'],
    ['a: *nobody\n', '4:5'],
    ['a: &x [*x]\n', '4:9'],
    ['a: {{ .Values.x }}\n', '4:5'],
    ['- a\nb: c\n', '5:1'],
    ['a: \u0007\n', '4:4'],
    ['a: .inf\n', '4:4'],
    ['a: b\n c: d\n', '5:3'],
    ['a\nb: 1\n', '5:2'],
    ['<<: 3\n', '4:5'],
    ['a: !!int x\n', '4:10'],
    ['[a]: 1\n', '4:1'],
  ];
  for (const [text, where] of bad) {
    assert.deepEqual(
      summary(`${good}---\n${text}---\n${good}`),
      [{ a: 1, b: ['x', 'z'] }, where, { a: 1, b: ['x', 'z'] }],
      JSON.stringify(text),
    );
  }
});

void test('only the first document is read when that is asked', () => {
  for (const text of ['a: 1\n--- # x\nb: 2', 'a: 1\r\n---\r\nb: 2', '{"a": 1}\n{"b": 2}', 'a: 1\n...\nb: c: d']) {
    const part = readFirstYaml(text);
    assert.deepEqual(part.kind === 'document' && part.value, { a: 1 }, text);
  }
});

void test('places: of keys, items, and what aliases and merges lead to', () => {
  const text = [
    '# head',
    '---',
    'base: &b',
    '  x: 1',
    'list:',
    '  - name: a',
    '    <<: *b',
    '  - *b',
    'a: 1',
    'a: {k: [7, "8"]}',
  ].join('\n');
  const [head, document] = parts(text);
  assert.equal(head?.kind, 'empty');
  assert.ok(document?.kind === 'document');
  const at = (...path: (string | number)[]) => {
    const place = document.locate(path);
    return (
      place &&
      `${place.line}:${place.column} ${document.text.slice(place.start, place.end)}${place.shared ? ' shared' : ''}`
    );
  };
  assert.equal(at('base', 'x'), '4:3 1');
  assert.equal(at('list', 0, 'name'), '6:5 a');
  assert.equal(at('list', 0, 'x'), '4:3 1 shared');
  assert.equal(at('list', 1, 'x'), '4:3 1 shared');
  assert.equal(at('list', 1), '8:5 *b');
  assert.equal(at('a'), '10:1 {k: [7, "8"]}');
  assert.equal(at('a', 'k', 1), '10:12 "8"');
  assert.equal(at('a', 'k', 2), undefined);
  assert.equal(document.locateNearest(['a', 'k', 2, 'z']).found, 2);
  assert.deepEqual(
    document.repeatedKeys().map(({ key }) => key),
    ['a'],
  );
});

void test('bounds: depth, aliases, length and number of documents', () => {
  const deep = (open: string, close: string, levels: number) => `a: ${open.repeat(levels)}1${close.repeat(levels)}`;
  const kinds = (text: string) => parts(text).map((part) => (part.kind === 'broken' ? part.pastBound : part.kind));
  assert.deepEqual(kinds(deep('[', ']', 150)), ['document']);
  assert.deepEqual(kinds(deep('[', ']', 100_000)), [true]);
  assert.deepEqual(kinds(`a:${'\n- '.repeat(3)}${'- '.repeat(100_000)}b`), [true]);
  assert.deepEqual(kinds(deep('{a: ', '}', 100_000)), [true]);
  let laughs = 'l0: &l0 [a, b]\n';
  for (let nth = 1; nth < 30; nth++)
    laughs += `l${nth}: &l${nth} [${Array(9)
      .fill(`*l${nth - 1}`)
      .join(', ')}]\n`;
  assert.deepEqual(kinds(laughs), [true]);
  const reader = new YamlReader({ maxDocumentLength: 100, maxDocuments: 3 });
  const seen: string[] = [];
  for (const piece of [
    'a: 1\n--',
    '-\nb: "',
    'x'.repeat(5000),
    'y'.repeat(5000),
    '"\n-',
    '--\nc: 1\n---\nd: 1\n---\ne: 1\n',
  ]) {
    for (const part of reader.push(piece)) seen.push(`${part.kind} ${part.line}`);
  }
  for (const part of reader.finish()) seen.push(`${part.kind} ${part.line}`);
  assert.deepEqual(seen, ['document 1', 'broken 3', 'document 4', 'broken 6']);
});

void test('however a stream is cut into pieces, its documents and their places are the same', () => {
  const text =
    '# c\r\n---\r\na: 1\r\n--- # x\nb: |\n  ---\n  x\n...\n%YAML 1.1\n---\n{"c": 1}\n---\nd: [\n---\ne: "---"\n';
  const all = parts(text).map(describe);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
      const reader = new YamlReader();
      const seen: string[] = [];
      let from = 0;
      for (const cut of [...cuts].sort((a, b) => a - b)) {
        seen.push(...[...reader.push(text.slice(from, cut))].map(describe));
        from = cut;
      }
      seen.push(...[...reader.push(text.slice(from))].map(describe), ...[...reader.finish()].map(describe));
      assert.deepEqual(seen, all);
    }),
  );
});

function describe(part: YamlPart): string {
  return JSON.stringify({ ...part, value: part.kind === 'document' ? part.value : undefined });
}

const word = fc.oneof(
  fc.string({ maxLength: 12 }).filter((text) => text !== '__proto__' && !/[?:]/.test(text)),
  fc.constantFrom(
    'y',
    'no',
    '1',
    '0x1',
    '1:30',
    '- a',
    '#',
    'a: b',
    '---',
    '...',
    'x\ny',
    ' lead',
    'trail ',
    '\n\n',
    '~',
    '{',
    "'",
  ),
);
const anyValue = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(word, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

void test('what the yaml package writes is read back, and every value is found where it stands', () => {
  fc.assert(
    fc.property(
      anyValue,
      fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'),
      fc.boolean(),
      (value, kind, flow) => {
        const text = stringify(
          { root: value },
          { version: '1.1', defaultStringType: kind, collectionStyle: flow ? 'flow' : 'any' },
        );
        const [document] = parts(text);
        assert.ok(document?.kind === 'document', text);
        const readByItself: unknown = parse(text, { version: '1.1' });
        assert.deepEqual(document.value, readByItself, text);
        // Of a block of blanks alone it does not say how far it is indented, and does not get it back itself.
        fc.pre(isDeepStrictEqual(readByItself, { root: value }));
        assert.deepEqual(document.value, { root: value }, text);
        findAll(document, document.value, []);
      },
    ),
    { numRuns: 300 },
  );
});

void test('in JSON, too, every value is found where it stands, however it is laid out', () => {
  const texts = [
    '{"a"\n:\t[1 ,{"b\\u00e9\\"":null}],"a":{"":[[],{}]} , "c":-1500}',
    '\ufeff [ true,\r\n"x\\\\" ]\n',
    '{}',
  ];
  for (const text of texts) {
    const [document] = parts(text);
    assert.ok(document?.kind === 'document' && document.isJson, text);
    findAll(document, document.value, []);
  }
  const [document] = parts(texts[0] ?? '');
  assert.ok(document?.kind === 'document');
  assert.deepEqual(
    document.repeatedKeys().map(({ key, at }) => [key, at]),
    [['a', 31]],
  );
  fc.assert(
    fc.property(anyValue, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const [read] = parts(JSON.stringify({ root: value }, null, indent));
      assert.ok(read?.kind === 'document' && read.isJson);
      findAll(read, read.value, []);
    }),
  );
});

function findAll(document: YamlDocument, value: JsonValue, path: readonly (string | number)[]): void {
  const place = document.locate(path);
  assert.ok(place, `no place of ${path.join('.')}`);
  if (Array.isArray(value)) for (const [at, item] of value.entries()) findAll(document, item, [...path, at]);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) findAll(document, member, [...path, key]);
  } else if (typeof value === 'number') assert.equal(document.text.slice(place.start, place.end), String(value));
}

void test('mutated texts end in documents or problems with a place, and never touch their neighbours', () => {
  const seed =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {a: "b"}}\nspec:\n  containers:\n  - &c {name: a, image: i}\n  - <<: *c\n    args: [x, \'y\']\n    env: |\n      text\n';
  const bit = fc.constantFrom(
    '\n',
    '  ',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '#',
    '&a ',
    '*a',
    '|',
    '>',
    '? ',
    '!!str ',
    '<<: ',
    '\t',
    '%',
    '\r\n',
    '\0',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(seed.length), fc.nat(4), bit), { minLength: 1, maxLength: 6 }), (edits) => {
      let text = seed;
      for (const [at, cut, insert] of edits) text = text.slice(0, at) + insert + text.slice(at + cut);
      const [before, ...rest] = parts(`ok: 1\n---\n${text}\n---\nok: 2\n`);
      const after = rest.at(-1);
      assert.ok(before?.kind === 'document' && after?.kind === 'document');
      assert.deepEqual([before.value, after.value], [{ ok: 1 }, { ok: 2 }]);
      assert.equal(after.line, 3 + text.split(/\r\n?|\n/).length);
      for (const part of rest)
        if (part.kind === 'broken') assert.ok(part.line >= 3 && part.column >= 1 && part.reason !== '');
    }),
    { numRuns: 2000 },
  );
});

void test('the yaml package reads the same from what both accept', () => {
  const texts = structures.map(([text]) => text).filter((text) => !/<<|^n:|%|\ufeff|--- |0x/m.test(text));
  for (const text of texts) {
    const other = parseDocument(text, { version: '1.1', uniqueKeys: false });
    if (other.errors.length === 0) assert.deepEqual(valueOf(text), other.toJS(), text);
  }
});
