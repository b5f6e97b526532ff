import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import type { JsonValue } from '../formats/index.js';
import { compileExpression, type CelType, type Evaluated, type Expression, type ExpressionInput } from './index.js';

const variables: Readonly<Record<string, CelType>> = {
  object: { kind: 'dyn' },
  labels: { kind: 'map', of: { kind: 'string' } },
  now: { kind: 'timestamp' },
  text: { kind: 'string' },
  one: {
    kind: 'message',
    name: 'One',
    fields: { name: { kind: 'string' }, score: { kind: 'double' }, seen: { kind: 'timestamp' } },
  },
};

function compile(text: string, wanted: 'bool' | 'string' = 'bool'): Expression {
  const compiled = compileExpression(text, { variables, wanted });
  assert.ok('evaluate' in compiled, `${text}: ${JSON.stringify(compiled)}`);
  return compiled;
}

function problemsOf(text: string): readonly string[] {
  const compiled = compileExpression(text, { variables, wanted: 'bool' });
  return 'evaluate' in compiled ? [] : compiled.map(({ message }) => message);
}

const input: Readonly<Record<string, ExpressionInput>> = {
  object: JSON.parse(
    '{"spec":{"n":3,"d":1.5,"t":"x","on":true,"none":null,"list":[1,2,3],"words":["a","b"],"__proto__":{"x":1},"constructor":"c"}}',
  ) as JsonValue,
  labels: { app: 'web', team: 'shop' },
  now: new Date('2026-12-01T12:30:15.250Z'),
  text: 'h\u00e9llo \u{1f600} w\u00f6rld',
  one: { name: undefined, score: 9, seen: undefined },
};

function json(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}

function evaluate(text: string, steps = 1_000_000): Evaluated {
  return compile(text).evaluate((name) => input[name], { left: steps });
}

const isTrue = [
  // Literals, arithmetic and comparison.
  '1 + 2 * 3 == 7',
  '7 / 2 == 3 && -7 / 2 == -3 && -7 % 2 == -1',
  '1.5 + 1.5 == 3.0 && 1 == dyn(1.0) && 2 > 1.5 && 1u < 2',
  '0x10 == 16 && 10u + 5u == 15u',
  '"a" + "b" == "ab" && [1] + [2] == [1, 2] && b"a" + b"b" == b"ab"',
  '"abc" < "abd" && "\u{1f600}" > "\uffff"',
  'true || 1 / 0 == 1',
  '1 / 0 == 1 || true',
  '!(false && 1 / 0 == 1) && !(1 / 0 == 1 && false)',
  'true ? true : 1 / 0 == 1',
  'null == null && object.spec.none == null && object.spec.n != null',
  '{"a": 1, "b": [2]} == {"b": [2], "a": 1} && {1: "x"}[1] == "x" && {true: 2}[true] == 2',
  '[1, "a", null, 2.5] != [1, "a", null, 2]',
  'double("1.5") == 1.5 && int("-12") == -12 && uint("7") == 7u && string(3) == "3" && bool("true")',
  'int(2.9) == 2 && int(-2.9) == -2 && double(3) == 3.0 && string(1.5) == "1.5" && string(true) == "true"',
  'type(1) == int && type("a") == string && type([]) == list && type(1) != double',
  'bytes("\u00e9").size() == 2 && string(b"abc") == "abc"',
  // Objects: whole numbers are integers.
  'object.spec.n == 3 && type(object.spec.n) == int && type(object.spec.d) == double',
  'object.spec.n + 1 == 4 && object.spec.d * 2.0 == 3.0',
  'has(object.spec.n) && !has(object.spec.missing) && "n" in object.spec && !("missing" in object.spec)',
  'object.spec["t"] == "x" && object.spec.list[1] == 2 && object.spec.list.size() == 3 && size(object.spec) == 9',
  'object.spec.constructor == "c" && has(object.spec.__proto__) && !has(object.spec.toString) && !("valueOf" in labels)',
  '2 in object.spec.list && !(5 in object.spec.list) && "a" in object.spec.words && "app" in labels',
  'labels.app == "web" && labels["team"] == "shop"',
  // Macros.
  'object.spec.list.all(x, x > 0) && object.spec.list.exists(x, x == 2) && object.spec.list.exists_one(x, x > 2)',
  '!object.spec.list.exists_one(x, x > 1) && [].all(x, x) && ![].exists(x, x)',
  'object.spec.list.map(x, x * 2) == [2, 4, 6] && object.spec.list.map(x, x > 1, x * 2) == [4, 6]',
  'object.spec.list.filter(x, x != 2) == [1, 3] && labels.all(k, labels[k] != "")',
  '[1, 0].exists(x, 1 / x == 1) && ![0, 1].all(x, 1 / x == 2)',
  '[[1], [2]].all(x, x.all(y, y in [1, 2])) && [1, 2].map(x, [3, 4].map(y, x * y)) == [[3, 4], [6, 8]]',
  'cel.bind(x, object.spec.n, x * x == 9)',
  // Texts, by code points.
  'text.size() == 13 && text.charAt(6) == "\u{1f600}" && text.indexOf("w") == 8 && text.substring(6, 7) == "\u{1f600}"',
  'text.substring(8) == "w\u00f6rld" && text.lastIndexOf("l") == 11 && text.indexOf("l", 4) == 11 && text.indexOf("zz") == -1',
  '"Abc\u00c9".lowerAscii() == "abc\u00c9" && "abc\u00e9".upperAscii() == "ABC\u00e9"',
  '" \\t a b \\n".trim() == "a b" && "abc".startsWith("ab") && "abc".endsWith("bc") && "abc".contains("b")',
  '"a,b,c".split(",") == ["a", "b", "c"] && "a,b,c".split(",", 2) == ["a", "b,c"] && "ab".split("") == ["a", "b"]',
  '"a,b".split(",", 0) == [] && "a,b".split(",", -1) == ["a", "b"] && "".split(",") == [""]',
  '["a", "b"].join() == "ab" && ["a", "b"].join("-") == "a-b" && [].join("-") == ""',
  '"aXbXc".replace("X", "-") == "a-b-c" && "aXbXc".replace("X", "-", 1) == "a-bXc" && "ab".replace("", "-") == "-a-b-"',
  '"ab".replace("", "-", 2) == "-a-b" && "ab".replace("a", "", 0) == "ab"',
  '"nginx:1.27".matches("^[a-z]+:[0-9.]+$") && !"nginx".matches("[0-9]") && matches("abc", "b")',
  '"abc 123".find("[0-9]+") == "123" && "abc".find("[0-9]") == "" && "a1b2".findAll("[0-9]") == ["1", "2"]',
  '"a1b2".findAll("[0-9]", 1) == ["1"] && "%s-%d-%.2f-%x-%%".format(["a", 5, 1.5, 255]) == "a-5-1.50-ff-%"',
  '"%s".format([[1, "a", {"k": null}]]) == "[1, a, {k: null}]" && "%b%o%X%e".format([5, 8, "az", 1.0]) == "10110617A1.000000e+00"',
  // Lists.
  '[1, 2].isSorted() && ![2, 1].isSorted() && [3, 1, 2].min() == 1 && [3, 1, 2].max() == 3',
  '[1, 2, 1].indexOf(1) == 0 && [1, 2, 1].lastIndexOf(1) == 2 && [1].indexOf(5) == -1',
  'sets.contains([1, 2, 3], [1, 3]) && !sets.contains([1], [2]) && sets.intersects([1, 2], [2, 3]) && sets.equivalent([1, 2], [2, 1, 1])',
  // Times.
  'now > timestamp("2026-12-01T12:00:00Z") && now - timestamp("2026-12-01T12:00:00Z") > duration("30m")',
  'now - duration("24h") < now && now + duration("1s") > now && duration("1h30m") == duration("90m")',
  'now.getFullYear() == 2026 && now.getMonth() == 11 && now.getDate() == 1 && now.getDayOfMonth() == 0',
  'now.getHours() == 12 && now.getHours("+02:00") == 14 && now.getHours("America/New_York") == 7 && now.getMinutes() == 30',
  'now.getDayOfWeek() == 2 && now.getDayOfYear() == 334 && now.getSeconds() == 15 && now.getMilliseconds() == 250',
  'duration("90s").getMinutes() == 1 && duration("1h").getSeconds() == 3600 && string(duration("1.5s")) == "1.5s"',
  'string(timestamp("2026-12-01T12:00:00.5+02:00")) == "2026-12-01T10:00:00.500000000Z".replace("00000000Z", "Z")',
  'timestamp(0) == timestamp("1970-01-01T00:00:00Z") && int(timestamp("1970-01-01T00:01:00Z")) == 60',
  // Messages: a text that is not there is empty.
  'one.name == "" && !has(one.name) && one.score == 9.0 && has(one.score) && !has(one.seen)',
];

test('the language does what its definition says', () => {
  for (const text of isTrue) assert.deepEqual(evaluate(text), { value: true }, text);
});

test('what has no value is a fault, not an answer', () => {
  for (const text of [
    'object.spec.missing == 1',
    'object.missing.deeper == 1',
    'object.spec.list[7] == 1',
    'object.spec.list[-1] == 1',
    'object.spec.list["a"] == 1',
    'object.spec.t.deeper == 1',
    'object.spec.t + 1 == 2',
    'object.spec.t < 1',
    'object.spec.t',
    'object.spec.t && true',
    'object.spec.t ? true : false',
    'object.spec.n.all(x, true)',
    'object.spec.n.startsWith("a")',
    'has(object.spec.t.x)',
    'object.spec.list.all(x, x)',
    'object.spec.list.exists_one(x, 1 / (x - 1) == 1)',
    'object.spec.list.map(x, 1 / (x - 1)).size() > 0',
    '1 / 0 == 1',
    '1 % 0 == 1',
    '9223372036854775807 + 1 > 0',
    '-9223372036854775807 - 2 < 0',
    '4611686018427387904 * 2 > 0',
    '0u - 1u == 0u',
    'uint(-1) == 0u',
    'int("1x") == 1',
    'int("") == 0',
    'int(" 1") == 1',
    'int(1e30) == 1',
    'double("x") > 0.0',
    'bool("yes")',
    'string(b"\\xff") == ""',
    'timestamp("2026-02-30T00:00:00Z") < now',
    'timestamp("today") < now',
    'duration("1") < duration("1s")',
    'duration("") < duration("1s")',
    'now + duration("87000000h") > now',
    'now.getHours("Nowhere/At_All") == 1',
    'text.substring(5, 4) == ""',
    'text.substring(99) == ""',
    'text.charAt(-1) == ""',
    'text.indexOf("a", 99) == 1',
    '[1, 2].join("-") == ""',
    '[].min() == 1',
    '[dyn(1), dyn("a")].isSorted()',
    'text.matches(object.spec.t + "(")',
    'text.matches("a" + "(?=b)")',
    'text.matches("(a{1000}){10}" + "b")',
    '"%d".format(["a"]) == ""',
    '"%q".format(["a"]) == ""',
    '"%s".format([]) == ""',
    '{"a": 1, "a": 2}.size() == 2',
    '{1.5: 1}.size() == 1'.replace('1.5', 'object.spec.d'),
    'one.seen < now',
    'false || object.spec.missing == 1',
    'true && object.spec.missing == 1',
    'object.spec.missing == 1 && true',
  ]) {
    assert.ok('fault' in evaluate(text), `${text}: ${JSON.stringify(evaluate(text))}`);
  }
});

test('what cannot be right whatever the input is told before, all of it at once', () => {
  for (const text of [
    '',
    '1 +',
    'object.spec.(',
    '"a',
    'objekt.spec == 1',
    'one.nmae == ""',
    'text.strtsWith("a")',
    'noFunction(1)',
    'size(1) == 1',
    'text.startsWith(1)',
    'text + 1 == ""',
    '1 == "a"',
    'text < 1',
    '!text',
    '-text == ""',
    'text && true',
    'text ? true : false',
    '[1].all(x, x)',
    'text.all(x, true)',
    '1.all(x, true)',
    '[1].map(x, y) == []',
    '[1].all(1, true)',
    '[1].all(x)',
    'x',
    '1',
    'text',
    'has(text)',
    'now.size() == 1',
    'text.matches("(")',
    'text.matches("(?=a)")',
    'text.find("\\\\1") == ""',
    `text.matches("${'a'.repeat(1001)}")`,
    'text.matches("((a{100}){100}){100}")',
    'package == 1',
    'namespace == "a"',
    '{[1]: 2} == {}',
    'object.?a == 1',
    'self.x == 1',
  ]) {
    assert.ok(problemsOf(text).length > 0, text);
  }
  assert.equal(problemsOf('objekt == 1 && one.nmae == "" && text.strtsWith("a")').length, 3);
  assert.deepEqual(problemsOf('[1].all(x, x > 0) && object.anything.goes(1)'), ['there is no method goes']);
});

test('what an expression mentions is what it is not given by itself', () => {
  const mentions = (text: string): readonly string[] => [...compile(text).mentions].sort();
  assert.deepEqual(mentions('true'), []);
  assert.deepEqual(mentions('object.labels.now == text'), ['object', 'text']);
  assert.deepEqual(mentions('[1].all(object, object > 0) && has(labels.app)'), ['labels']);
  assert.deepEqual(mentions('[text].map(text, text) == []'), ['text']);
});

test('a text is asked for where a text is wanted', () => {
  const compiled = compile('"size: " + string(object.spec.n)', 'string');
  assert.deepEqual(
    compiled.evaluate((name) => input[name], { left: 1000 }),
    { value: 'size: 3' },
  );
  assert.ok('fault' in compile('object.spec.n', 'string').evaluate((name) => input[name], { left: 1000 }));
});

const long = 'a'.repeat(1_000_000);
const hostile: ExpressionInput = {
  many: Array.from({ length: 20_000 }, (_, at) => ({ name: `c${at}`, image: `nginx:${at}` })),
  keys: Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`k${at}`, at])),
  text: long,
  part: `b${'a'.repeat(5000)}`,
  deep: JSON.parse(`${'{"a":['.repeat(500)}1${']}'.repeat(500)}`) as JsonValue,
};

test('whatever a stranger sends, an evaluation ends within its budget', () => {
  const list = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]';
  const nested = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].reduce((body, name) => `${list}.all(${name}, ${body})`, 'X');
  for (const text of [
    'object.many.all(a, object.many.all(b, object.many.all(c, a != c.name)))',
    'object.many.map(a, object.many.map(b, a.name + b.name)).size() > 0',
    'object.many.all(a, object == object)',
    'sets.equivalent(object.many, object.many)',
    'object.keys.all(a, object.keys.all(b, a != object))',
    'object.text.contains(object.part) && object.text.contains(object.part)',
    'object.text.replace("a", object.text).size() > 0',
    'object.text.replace("", object.text).size() > 0',
    'object.text.split("").map(x, object.text + x).join(object.text).size() > 0',
    'object.text.matches("^(a?){200}a{200}$")',
    'object.many.all(x, "a".matches(x.name) || object.text.matches("^(a?){50}" + x.name))',
    'object.many.all(x, !"a".matches("(a{1,30}){1,30}" + x.name))',
    'object.many.all(x, !("a".matches(x.name + "[[:^word:]\\\\pL\\\\PM]{90}")))',
    'object.many.exists(x, object.many.exists(y, x.missing == 1))',
    'object.text.findAll("a").size() > 0',
    'object.many.all(x, object.text.upperAscii() != "")',
    '"%s".format([object]) == ""',
    '"%x".format([object.text + object.text]) == ""',
    nested.replace('X', 'object.text + object.text != ""'),
    nested.replace('X', 'now.getHours("Europe/Berlin") >= 0'),
  ]) {
    const budget = { left: 2_000_000 };
    const found = compile(text).evaluate((name) => (name === 'now' ? new Date(0) : hostile), budget);
    assert.ok('fault' in found && /too large/.test(found.fault), `${text}: ${JSON.stringify(found).slice(0, 200)}`);
    assert.ok(budget.left >= 1_000_000, text);
  }
  const deep = compile('object.deep == object.deep').evaluate(() => hostile, { left: 2_000_000 });
  assert.ok('fault' in deep);
});

test('nothing in an expression answers for what was not evaluated', () => {
  for (const text of [
    'object.many.all(a, object.many.all(b, a != b.name)) || true',
    'true && (object.many.all(a, !object.many.exists(b, a == b.name)) || true)',
    '[1, 2].exists(x, object.many.all(a, object.many.all(b, a != b.name)) || x == 2)',
  ]) {
    assert.ok('fault' in compile(text).evaluate(() => hostile, { left: 2_000_000 }), text);
  }
});

test('one budget is for all: what is spent is spent', () => {
  const budget = { left: 100 };
  const small = compile('[1, 2, 3].all(x, x > 0)');
  assert.deepEqual(
    small.evaluate(() => null, budget),
    { value: true },
  );
  for (let at = 0; at < 20; at++) small.evaluate(() => null, budget);
  assert.ok('fault' in small.evaluate(() => null, budget));
  assert.ok(budget.left >= 0);
});

test('texts that are nested, long or no text of the language are problems, not crashes', () => {
  for (const text of [
    `${'('.repeat(2000)}true${')'.repeat(2000)}`,
    `${'!'.repeat(4900)}true`,
    `${'-'.repeat(4900)}1 == 1`,
    `1${' + 1'.repeat(1000)} == 1`,
    `true${' || true'.repeat(600)}`,
    '['.repeat(4000),
    '{'.repeat(4000),
    `object${'.a'.repeat(2000)}`,
    `object${'[0]'.repeat(1500)}`,
    'a'.repeat(5001),
  ]) {
    assert.ok(problemsOf(text).length > 0, text.slice(0, 30));
  }
});

test('any text compiles or is told wrong; any value is judged or a fault', () => {
  const words =
    'object .spec .n [0] ( ) == != in + && || ! "a" 1 1.5 x , .all(x, .map(x, .exists(x, has( size( .matches( ? : { } [ ] null \u0000';
  const pieces = fc.constantFrom(...words.split(' ').map((word) => `${word} `));
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 14 }), fc.jsonValue(), (parts, value) => {
      const compiled = compileExpression(parts.join(''), { variables, wanted: 'bool' });
      if (!('evaluate' in compiled)) return;
      compiled.evaluate(() => json(value), { left: 10_000 });
    }),
    { numRuns: 3000 },
  );
});

test('a JSON value is equal to itself, and sized and read as it is', () => {
  const same = compile('object == labels'.replace('labels', 'dyn(object)'));
  const sized = compile('object.all(k, k in object) && size(object) >= 0');
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.object({ maxDepth: 2 }), (value, object) => {
      assert.deepEqual(
        same.evaluate(() => json(value), { left: 100_000 }),
        { value: true },
      );
      const members = json(object);
      assert.deepEqual(
        sized.evaluate(() => members, { left: 100_000 }),
        { value: true },
      );
    }),
    { numRuns: 500 },
  );
});
