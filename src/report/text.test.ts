import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { encodeGoJson, goValueOf, LazyList, omitEmpty } from './go-json.js';
import { goTime } from './go-time.js';
import { imageConfigMember } from './image-config.js';
import { characterWidth, clipText, plainLine, plainText, textWidth } from './plain-text.js';
import { layoutTable } from './table-layout.js';
import { wrapText } from './wrap-text.js';

const encode = (value: Parameters<typeof encodeGoJson>[0]): string => [...encodeGoJson(value)].join('');

test('Go JSON: escapes', () => {
  assert.equal(encode('<a>&\u2028\u2029"\\'), '"\\u003ca\\u003e\\u0026\\u2028\\u2029\\"\\\\"');
  assert.equal(encode('\b\f\n\r\t\0\x1f\x7fé漢😀'), '"\\b\\f\\n\\r\\t\\u0000\\u001f\x7fé漢😀"');
  assert.equal(encode('a\ud800b\udc00'), '"a\ufffdb\ufffd"');
  assert.equal(encode('\\ud800 \\\\ud800'), '"\\\\ud800 \\\\\\\\ud800"', 'a backslash is no escape');
});

test('Go JSON: maps are sorted by bytes, structs are not', () => {
  const map = goValueOf({ 10: 1, 9: 2, z: 3, '\uffee': 4, '😀': 5, ['__proto__']: 6 });
  assert.equal(encode(map), '{\n  "10": 1,\n  "9": 2,\n  "__proto__": 6,\n  "z": 3,\n  "\uffee": 4,\n  "😀": 5\n}');
  assert.equal(encode({ b: 5.0, a: 5.3, c: undefined, d: null }), '{\n  "b": 5,\n  "a": 5.3,\n  "d": null\n}');
  assert.equal(encode({ a: [], b: {}, c: new Map() }), '{\n  "a": [],\n  "b": {},\n  "c": {}\n}');
});

test('Go JSON: what omitempty leaves out', () => {
  const members = {
    a: '',
    b: 0,
    c: false,
    d: [],
    e: new Map(),
    f: undefined,
    g: LazyList.of([], () => 1),
    h: {},
    i: null,
    j: ' ',
  };
  assert.deepEqual(Object.keys(omitEmpty(members)), ['h', 'i', 'j']);
});

test('Go JSON: any value reads back, lazily or at once', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const once = encode(goValueOf(value));
      assert.deepEqual(JSON.parse(once), JSON.parse(JSON.stringify(value)));
      const list = { list: LazyList.of([value, value], goValueOf) };
      assert.equal(encode(list), encode({ list: [goValueOf(value), goValueOf(value)] }));
    }),
  );
});

test('Go times', () => {
  const cases: readonly (readonly [string | undefined, string | undefined])[] = [
    ['2021-08-25T12:20:30Z', '2021-08-25T12:20:30Z'],
    ['2021-08-25T12:20:30.000Z', '2021-08-25T12:20:30Z'],
    ['2021-08-25T12:20:30.120Z', '2021-08-25T12:20:30.12Z'],
    ['2021-08-25T12:20:30.000000005Z', '2021-08-25T12:20:30.000000005Z'],
    ['2021-08-25T12:20:30+00:00', '2021-08-25T12:20:30Z'],
    ['2021-08-25T12:20:30.5+02:00', '2021-08-25T12:20:30.5+02:00'],
    ['2021-08-25', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [given, expected] of cases) assert.equal(goTime(given), expected);
});

test('image config: anything at all gives the members that are always there', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const member = imageConfigMember(value) as Record<string, unknown>;
      for (const name of ['architecture', 'created', 'os', 'rootfs', 'config']) assert.ok(name in member);
    }),
  );
  assert.equal(
    JSON.stringify(
      imageConfigMember({ os: 5, config: { Env: [1], Tty: 'yes', Labels: { a: 1, b: 'c' } }, history: [null] }),
    ),
    JSON.stringify({
      architecture: '',
      created: '0001-01-01T00:00:00Z',
      history: [{ created: '0001-01-01T00:00:00Z' }],
      os: '',
      rootfs: { type: '', diff_ids: null },
      config: { Labels: {} },
    }),
  );
});

test('text: whatever steers a terminal is shown instead', () => {
  assert.equal(
    plainText('\u001b[31m\u009b\u202e\u2066\u200b\ufeff\ud800\u{e0041}'),
    '\\x1b[31m\\x9b\\u202e\\u2066\\u200b\\ufeff\\ud800\\u{e0041}',
  );
  assert.equal(plainText('é漢😀 ~'), 'é漢😀 ~');
  assert.equal(plainLine('a\r\n\tb\u2028c\0'), 'a   b c\\x00');
  assert.equal(clipText('abcdef', 6), 'abcdef');
  assert.equal(clipText('abcdefg', 6), 'abc...');
  assert.equal(clipText('ab😀cdef', 6), 'ab...');
});

test('text: width in terminal columns', () => {
  assert.equal(textWidth('abc'), 3);
  assert.equal(textWidth('漢字'), 4);
  assert.equal(textWidth('e\u0301'), 1);
  assert.equal(characterWidth('😀'), 2);
});

test('text: lines fit, and nothing but blanks is lost', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 5, max: 30 }), (raw, width) => {
      const text = plainLine(raw);
      const lines = wrapText(text, width, '');
      for (const line of lines) assert.ok(textWidth(line) <= width, line);
      assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
    }),
  );
  assert.deepEqual(wrapText('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrapText('abcdefghij', 5), ['abcd-', 'efgh-', 'ij']);
  assert.deepEqual(wrapText('abcdefghi', 5), ['abcd-', 'efghi']);
  assert.deepEqual(wrapText('漢'.repeat(3), 1), ['漢', '漢', '漢'], 'a column may be too narrow');
});

test('table: every line is as wide as the others', () => {
  const cell = fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 40 }).map(plainText) });
  const columns = ['A', 'Much longer', 'C'].map((title) => ({
    title,
    align: 'left' as const,
    maxWidth: 20,
    minWidth: 5,
  }));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 }),
      fc.constantFrom(undefined, 30, 60),
      fc.boolean(),
      (rows, fit, merge) => {
        const widths = [...layoutTable(columns, rows, { fit, merge })].map((line) => textWidth(line.slice(0, -1)));
        assert.equal(new Set(widths).size, 1);
        if (fit !== undefined) assert.ok((widths[0] ?? 0) <= fit);
      },
    ),
  );
});
