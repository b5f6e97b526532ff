import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { exitCodeOfError } from '../../src/cli/exit-codes.js';
import { TidewaiterError } from '../../src/core/index.js';
import { filesOf } from './imports.js';

const repoRoot = process.env.TIDEWAITER_REPO ?? process.cwd();
const sources = filesOf(repoRoot, 'src', '.ts').filter((file) => !file.endsWith('.test.ts'));
const textOf = (file: string): string =>
  readFileSync(join(repoRoot, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
const quotedCodes = (text: string): readonly string[] =>
  [...text.matchAll(/'([A-Z][A-Z_]+)'/g)].map((match) => match[1] ?? '');

/** The codes of every class of errors, in a union that is written in the class's head or named there. */
function declaredCodes(): ReadonlyMap<string, readonly string[]> {
  const classes = new Map<string, readonly string[]>();
  for (const file of sources) {
    const text = textOf(file);
    for (const [, name = '', head = ''] of text.matchAll(/class (\w+) extends TidewaiterError<([^>]+)>/g)) {
      const union = head.includes("'") ? head : new RegExp(`type ${head.trim()} =([^;]+);`).exec(text)?.[1];
      classes.set(name, quotedCodes(union ?? ''));
    }
  }
  return classes;
}

interface Row {
  /** The classes that the heading above names. */
  readonly classes: readonly string[];
  readonly code: string;
  readonly exit: number;
}

function explained(): readonly Row[] {
  const rows: Row[] = [];
  let classes: readonly string[] = [];
  for (const line of readFileSync(join(repoRoot, 'docs', 'errors.md'), 'utf8').split('\n')) {
    if (line.startsWith('## ')) classes = [...line.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? '');
    const row = /^\| `([A-Z_]+)` \|.+\| (\d) \|$/.exec(line);
    if (row) rows.push({ classes, code: row[1] ?? '', exit: Number(row[2]) });
  }
  return rows;
}

test('docs/errors.md explains every code of every class of errors, once, and no other', () => {
  const declared = declaredCodes();
  const rows = explained();
  const onPage = [...new Set(rows.flatMap((row) => row.classes))];
  assert.deepEqual(onPage.sort(), [...declared.keys()].sort());
  const groups = new Map(rows.map((row) => [row.classes.join(), row.classes]));
  for (const [heading, classes] of groups) {
    const codes = classes.flatMap((name) => declared.get(name) ?? []);
    const there = rows.filter((row) => row.classes.join() === heading).map((row) => row.code);
    assert.deepEqual(there.sort(), [...codes].sort(), heading);
  }
});

test('docs/errors.md tells the exit code of every error', () => {
  for (const { code, exit } of explained()) assert.equal(exitCodeOfError(new TidewaiterError(code, '')), exit, code);
});

test('every code is used where its class is at home, and the exit codes name no other', () => {
  const declared = declaredCodes();
  const all = new Set([...declared.values()].flat());
  const exitCodes = quotedCodes(textOf('src/cli/exit-codes.ts'));
  assert.deepEqual(
    exitCodes.filter((code) => !all.has(code)),
    [],
  );
  const unused: string[] = [];
  for (const [name, codes] of declared) {
    const home = sources.find((file) => textOf(file).includes(`class ${name} extends`)) ?? '';
    // What only computes throws errors of core, wherever it is.
    const folder = home.startsWith('src/core/') ? 'src/' : home.split('/').slice(0, 2).join('/');
    const texts = sources.filter((file) => file.startsWith(folder) && file !== 'src/cli/exit-codes.ts').map(textOf);
    const uses = texts.join('\n').replaceAll(/TidewaiterError<[^>]+>|type \w+ =\s+\|[^;]+;/g, '');
    unused.push(...codes.filter((code) => !uses.includes(`'${code}'`)).map((code) => `${name} ${code}`));
  }
  assert.deepEqual(unused, []);
});
