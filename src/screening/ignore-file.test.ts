import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import type { Finding } from '../findings/index.js';
import { exceptionFinder } from './exceptions.js';
import { ScreeningError } from './errors.js';
import { parseIgnoreFile } from './ignore-file.js';

const now = new Date('2026-11-24T08:00:00Z');

const finding: Finding = {
  vulnerabilityId: 'CVE-1',
  packageId: 'core@1.0.0',
  packageName: '@babel/core',
  packagePath: 'app/node_modules/@babel/core/package.json',
  installedVersion: '1.0.0',
  fixedVersion: '',
  status: 'affected',
  severity: 'HIGH',
  match: { bucket: 'npm::x', lookedUp: '@babel/core', compared: '1.0.0', range: '< 2' },
};

const purl = 'pkg:npm/%40babel/core@1.0.0?a=b&c=d#sub/x';

function ignores(text: string, options: { readonly name?: string; readonly purl?: string | undefined } = {}): boolean {
  const exceptions = parseIgnoreFile(text, options.name ?? '.trivyignore');
  const subject = { finding, target: 'Node.js', purl: 'purl' in options ? options.purl : purl };
  return exceptionFinder(exceptions, now)(subject) !== undefined;
}

const yaml = (text: string): boolean => ignores(text, { name: 'x.yaml' });
const entry = (rest: string): string => `vulnerabilities:\n  - id: CVE-1\n${rest === '' ? '' : `    ${rest}\n`}`;

test('ignore file: plain lines, as the real tool reads them', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ['CVE-1', true],
    ['  CVE-1 foo', true],
    ['CVE-1 # why', true],
    ['CVE-1\r\n', true],
    ['\ufeffCVE-1', true],
    ['# CVE-1', false],
    ['#CVE-1', false],
    ['CVE-1#', false],
    ['cve-1', false],
    ['CVE-10', false],
    ['', false],
    ['CVE-1 exp:2120-01-01', true],
    ['CVE-1 exp:2026-11-25', true],
    ['CVE-1 exp:2026-11-24', false],
    ['CVE-1 exp:2020-01-01', false],
    ['CVE-1 # exp:2020-01-01', false],
    ['CVE-1 exp:2120-01-01 exp:2020-01-01', true],
    ['CVE-1 exp:2020-01-01 exp:2120-01-01', false],
    ['CVE-1 exp:2020-01-01\nCVE-1', true],
  ];
  for (const [text, expected] of cases) assert.equal(ignores(text), expected, JSON.stringify(text));
});

test('ignore file: a line with an unreadable date is passed over with a warning', () => {
  for (const date of ['soon', '', '2126-02-30', '2126-13-01', '2126-1']) {
    const { entries, warnings } = parseIgnoreFile(`CVE-1 exp:${date}\nCVE-2`, '.trivyignore');
    assert.deepEqual(
      entries.map((one) => one.id),
      ['CVE-2'],
    );
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /\.trivyignore, line 1/);
  }
});

test('ignore file: YAML by its name alone', () => {
  assert.equal(yaml(entry('')), true);
  assert.equal(ignores(entry(''), { name: 'x.yml' }), true);
  assert.equal(ignores(entry(''), { name: '.trivyignore' }), false);
  assert.equal(yaml(''), false);
  assert.equal(yaml('# nothing\n\n'), false);
  assert.equal(yaml('vulnerabilities:\n'), false);
  assert.equal(yaml('misconfigurations:\n  - id: CVE-1\n'), false);
  assert.equal(yaml('other: 3\nvulnerabilities:\n  - id: CVE-1\n    unheard: of\n'), true);
});

test('ignore file: paths against target and package file', () => {
  for (const path of ['Node.js', 'app/**', '**/package.json', 'app/node_modules/@babel/{core,x}/package.json']) {
    assert.equal(yaml(entry(`paths: ["${path}"]`)), true, path);
  }
  for (const path of ['node.js', 'app/*', 'package.json', '**/core']) {
    assert.equal(yaml(entry(`paths: ["${path}"]`)), false, path);
  }
  assert.equal(yaml(entry('paths: []')), true);
});

test('ignore file: PURLs, compared part by part after decoding', () => {
  const fitting = [
    'pkg:npm/%40babel/core',
    'pkg:npm/@babel/core',
    'pkg:NPM/%40babel/core',
    'pkg:npm/%40babel/core@1.0.0',
    'pkg:npm/%40babel/core?a=b',
    'pkg:npm/%40babel/core#sub/x',
  ];
  const others = [
    'pkg:npm/%40babel/core@1.0.1',
    'pkg:npm/core',
    'pkg:npm/%40babel/core?a=c',
    'pkg:npm/%40babel/core?z=b',
    'pkg:npm/%40babel/core#sub',
    'pkg:pypi/core',
  ];
  for (const text of fitting) assert.equal(yaml(entry(`purls: ["${text}"]`)), true, text);
  for (const text of others) assert.equal(yaml(entry(`purls: ["${text}"]`)), false, text);
  const other = { name: 'x.yaml', purl: undefined };
  assert.equal(ignores(entry('purls: ["pkg:npm/other"]'), other), true, 'without a PURL the condition passes');
  assert.equal(ignores(entry('purls: ["pkg:npm/other"]'), { ...other, purl: 'no purl' }), false);
});

test('ignore file: a "+" and its escape are the same version', () => {
  const subject = { finding, target: 't', purl: 'pkg:deb/debian/x@1.0%2Bb1?arch=amd64' };
  const exceptions = parseIgnoreFile(entry('purls: ["pkg:deb/debian/x@1.0+b1"]'), 'x.yaml');
  assert.ok(exceptionFinder(exceptions, now)(subject));
});

test('ignore file: dates of YAML entries', () => {
  for (const date of [
    '2120-01-01',
    '2120-1-1',
    '2120-01-01T00:00:00Z',
    '"2120-01-01T00:00:00+02:00"',
    '2026-11-25',
    '',
  ]) {
    assert.equal(yaml(entry(`expired_at: ${date}`)), true, date);
  }
  for (const date of ['2020-01-01', '2026-11-24', '2026-11-24T07:59:59Z']) {
    assert.equal(yaml(entry(`expired_at: ${date}`)), false, date);
  }
});

test('ignore file: what cannot be understood is an error that names the entry', () => {
  const broken = [
    '[]',
    '- CVE-1',
    'vulnerabilities: CVE-1',
    'vulnerabilities: {a: b}',
    'vulnerabilities:\n  - CVE-1',
    'vulnerabilities: [',
    entry('paths: p'),
    entry('paths: ["[a"]'),
    entry('paths: [[x]]'),
    entry('purls: ["npm/core"]'),
    entry('purls: ["pkg:npm"]'),
    entry('purls: [""]'),
    entry('expired_at: soon'),
    entry('expired_at: 2120-02-30'),
    entry('expired_at: [2120-01-01]'),
    'secrets:\n  - id: x\n    paths: ["{a"]\n',
    '{'.repeat(1000),
  ];
  for (const text of broken) {
    assert.throws(
      () => parseIgnoreFile(text, 'x.yaml'),
      (error) => error instanceof ScreeningError && error.code === 'INVALID_EXCEPTION',
      text.slice(0, 60),
    );
  }
  assert.throws(
    () => parseIgnoreFile(`${entry('')}  - id: CVE-2\n    paths: ["{"]\n`, 'x.yaml'),
    /vulnerabilities entry 2 \(CVE-2\)/,
  );
});

test('ignore file: what was taken away says by what, and why', () => {
  const text = entry('statement: accepted by the team');
  const exceptions = parseIgnoreFile(text, './a/../x.yaml');
  const suppressed = exceptionFinder(exceptions, now)({ finding, target: 't' });
  assert.deepEqual(suppressed, { finding, status: 'ignored', statement: 'accepted by the team', source: 'x.yaml' });
  assert.equal(parseIgnoreFile('', '../b//c/./d').source, '../b/c/d');
  assert.equal(parseIgnoreFile('', '/../b').source, '/b');
});

test('ignore file: the first entry that fits counts', () => {
  const text =
    'vulnerabilities:\n  - id: CVE-1\n    paths: [nowhere]\n    statement: a\n  - id: CVE-1\n    statement: b\n  - id: CVE-1\n    statement: c\n';
  assert.equal(exceptionFinder(parseIgnoreFile(text, 'x.yaml'), now)({ finding, target: 't' })?.statement, 'b');
});

test('ignore file: too many entries', () => {
  assert.throws(
    () => parseIgnoreFile('CVE-1\n'.repeat(100_001), 'x'),
    (error) => error instanceof ScreeningError,
  );
});

test('ignore file: any text is read or refused with our own error', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'vulnerabilities:',
      '  - id: CVE-1',
      '    paths: [a]',
      '    expired_at: 1',
      'CVE-1 exp:1',
      '- ',
      ': ',
    ),
  );
  fc.assert(
    fc.property(
      fc.array(line).map((lines) => lines.join('\n')),
      fc.constantFrom('x.yaml', 'x'),
      (text, name) => {
        try {
          parseIgnoreFile(text, name);
        } catch (error) {
          assert.ok(error instanceof ScreeningError, String(error));
        }
      },
    ),
  );
});
