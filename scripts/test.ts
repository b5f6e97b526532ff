/**
 * Runs the tests: `npm test` builds the program and runs everything; `npm test -- WORD...` runs only the test files
 * whose path contains one of the words, without building (the tests under test/cli need a build).
 *
 * All files are bundled into one and run in one process: a process per file takes ten times as long.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const golden = process.argv.includes('--golden');
const files = ['src', 'test', 'examples']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${words.join(' ')}`);
  process.exit(2);
}

if (words.length === 0) finishOrExit(spawnSync('npx', ['tsx', 'scripts/build.ts'], { stdio: 'inherit' }));

const outdir = join('.test-build', words.length === 0 ? 'all' : `some-${process.pid}`);
rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });
const common = { bundle: true, platform: 'node', target: 'node20.19', format: 'esm', logLevel: 'warning' } as const;
await build({
  ...common,
  entryPoints: [join('test', 'support', 'before-tests.ts')],
  outfile: join(outdir, 'before-tests.mjs'),
});
await build({
  ...common,
  stdin: { contents: files.map((file) => `import './${file}';`).join('\n'), resolveDir: root, sourcefile: 'tests.ts' },
  outfile: join(outdir, 'tests.mjs'),
  // In one file all packages are imported first, even those that are only loaded late.
  banner: { js: "import './before-tests.mjs';" },
  packages: 'external',
  // Test files are imported for what they do: no "sideEffects: false" may drop them.
  ignoreAnnotations: true,
  sourcemap: 'inline',
});
const result = spawnSync(process.execPath, ['--enable-source-maps', '--test', join(outdir, 'tests.mjs')], {
  stdio: 'inherit',
  env: { ...process.env, TIDEWAITER_REPO: root, ...(golden ? { TIDEWAITER_GOLDEN: 'write' } : {}) },
});
if (words.length > 0) rmSync(outdir, { recursive: true, force: true });
finishOrExit(result, true);

function finishOrExit(ended: { status: number | null }, always = false): void {
  if (ended.status !== 0 || always) process.exit(ended.status ?? 1);
}
