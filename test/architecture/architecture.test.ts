import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import test from 'node:test';
import { build } from 'esbuild';
import { filesOf, importsOf } from './imports.js';
import { drawRooms } from './picture.js';
import { rooms } from './rooms.js';

const repoRoot = process.env.TIDEWAITER_REPO ?? process.cwd();
const sources = filesOf(repoRoot, 'src', '.ts').filter((file) => !file.endsWith('.test.ts'));
const imports = sources.flatMap((file) => importsOf(repoRoot, file));

const roomOf = (file: string): string | undefined => {
  const [top, room, rest] = file.split('/');
  return top === 'src' && rest !== undefined ? room : undefined;
};

test('every room is in the table, and every room of the table exists', () => {
  const folders = readdirSync(join(repoRoot, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  assert.deepEqual(folders.sort(), Object.keys(rooms).sort());
});

test('every room says its one duty in a README', () => {
  const silent = Object.keys(rooms).filter((room) => !existsSync(join(repoRoot, 'src', room, 'README.md')));
  assert.deepEqual(silent, []);
});

test('a room imports only the rooms on its line, and only through their index', () => {
  const wrong: string[] = [];
  for (const { from, target } of imports) {
    const room = roomOf(from);
    const other = target === undefined ? undefined : roomOf(target);
    if (room === undefined || other === undefined || room === other) continue;
    if (!rooms[room]?.mayImport.includes(other)) wrong.push(`${from} -> ${target} (${room} may not import ${other})`);
    else if (target !== `src/${other}/index.ts`) wrong.push(`${from} -> ${target} (past the index of ${other})`);
  }
  assert.deepEqual(wrong, []);
});

test('files do not import each other in circles', () => {
  const graph = new Map<string, string[]>();
  for (const { from, target } of imports) {
    if (target !== undefined) graph.set(from, [...(graph.get(from) ?? []), target]);
  }
  const done = new Set<string>();
  const chain: string[] = [];
  const visit = (file: string): void => {
    const at = chain.indexOf(file);
    assert.equal(at, -1, `a circle: ${[...chain.slice(at), file].join(' -> ')}`);
    if (done.has(file)) return;
    chain.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    chain.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
});

test('what only computes bundles for a browser', async () => {
  const pure = Object.keys(rooms).filter((room) => rooms[room]?.pure);
  const bundle = await build({
    stdin: {
      contents: pure.map((room, at) => `export * as r${at} from './src/${room}/index.ts';`).join('\n'),
      resolveDir: repoRoot,
    },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2023',
    logLevel: 'silent',
  });
  assert.equal(bundle.errors.length, 0);
  for (const room of pure) {
    const reached = imports.filter(({ from, specifier }) => roomOf(from) === room && specifier.startsWith('node:'));
    assert.deepEqual(reached, [], `${room} only computes`);
  }
});

test('what is banned stands only in its one place', () => {
  const bans: readonly { readonly pattern: RegExp; readonly allowed: readonly RegExp[]; readonly what: string }[] = [
    { pattern: /\beval\(|new Function\(/, allowed: [], what: 'eval' },
    { pattern: /node:child_process/, allowed: [/^src\/credentials\/helper\.ts$/], what: 'child processes' },
    { pattern: /\bconsole\.|process\.(?:exit|stdout|stderr|argv)\b/, allowed: [/^src\/cli\//], what: 'the terminal' },
    { pattern: /process\.env\b/, allowed: [/^src\/(?:cli|config)\//], what: 'the environment' },
    { pattern: /: any\b|<any>|\bas any\b/, allowed: [], what: 'any' },
  ];
  const wrong: string[] = [];
  for (const file of sources) {
    const lines = readFileSync(join(repoRoot, file), 'utf8').split('\n');
    for (const [at, line] of lines.entries()) {
      if (/^\s*(?:\/\/|\*|\/\*)/.test(line)) continue;
      for (const ban of bans) {
        if (ban.pattern.test(line) && !ban.allowed.some((place) => place.test(file))) {
          wrong.push(`${file}:${at + 1}: ${ban.what}`);
        }
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test('registries list exactly the files of their folder, sorted', () => {
  const registries = [
    'src/packages/catalogers',
    'src/report/writers',
    'src/versions/schemes',
    'src/advisories/feeds',
    'src/image/sources',
    'src/cli/commands',
    'src/manifest/rules',
  ];
  for (const folder of registries) {
    const files = readdirSync(join(repoRoot, folder))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'index.ts')
      .map((file) => file.replace(/\.ts$/, ''))
      .sort();
    const index = readFileSync(join(repoRoot, folder, 'index.ts'), 'utf8');
    const listed = [...index.matchAll(/'\.\/([a-z0-9-]+)\.js'/g)].map((match) => match[1] ?? '');
    assert.deepEqual([...new Set(listed)].sort(), files, folder);
  }
});

test('every path that a document names exists', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...filesOf(repoRoot, 'docs', '.md')].concat(
    filesOf(repoRoot, 'src', 'README.md'),
    filesOf(repoRoot, 'examples', '.md'),
    filesOf(repoRoot, 'data', '.md'),
  );
  const missing: string[] = [];
  for (const document of documents) {
    const text = readFileSync(join(repoRoot, document), 'utf8');
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) =>
      resolve(dirname(join(repoRoot, document)), match[1] ?? ''),
    );
    const paths = [...text.matchAll(/`((?:src|test|docs|scripts|bench|data|examples|schemas)\/[A-Za-z0-9_./-]+)`/g)]
      .map((match) => match[1] ?? '')
      .filter((path) => !path.startsWith('examples/images/'))
      .map((path) => join(repoRoot, path));
    for (const path of [...links.filter((link) => !/https?:/.test(link)), ...paths]) {
      if (!existsSync(path)) missing.push(`${document}: ${path.slice(repoRoot.length + 1)}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('the picture of the rooms is the one that the table draws', () => {
  const text = readFileSync(join(repoRoot, 'docs', 'architecture.md'), 'utf8');
  assert.ok(text.includes(drawRooms()), 'run "npm run docs"');
});
