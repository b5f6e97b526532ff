/** Builds dist/: the bundled CLI and library, the type declarations, the starter database and the notices. */
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const version = (JSON.parse(await readFile('package.json', 'utf8')) as { version: string }).version;

await rm('dist', { recursive: true, force: true });
const bundled = await build({
  entryPoints: { cli: 'src/cli/main.ts', index: 'src/index.ts', 'layer-worker': 'src/scan/layer-worker.ts' },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  splitting: true,
  minify: true,
  keepNames: false,
  metafile: true,
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  define: { TIDEWAITER_VERSION: JSON.stringify(version) },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
await buildPage();
await writeNotices(bundled.metafile);
await chmod('dist/cli.js', 0o755);

run('node', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json']);
await mkdir('dist/starter', { recursive: true });
// The date of the table, not of this build: a table does not get newer by being built again.
const reviewed = Date.parse((await readFile('data/starter/reviewed-on.txt', 'utf8')).trim()) / 1000;
process.env['SOURCE_DATE_EPOCH'] = String(reviewed);
run('node', ['dist/cli.js', 'db', 'build', '--starter', '--quiet', '--out', 'dist/starter', 'data/starter']);
run('node', ['--import', 'tsx', 'examples/build.ts', '--quiet']);

function run(command: string, args: readonly string[]): void {
  const result = spawnSync(command, args, { stdio: 'inherit' });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${result.status ?? result.signal}`);
}

/** What browsers get from `admission serve`: files of ours alone, read when the page is opened. */
async function buildPage(): Promise<void> {
  const folder = 'web/admission-page';
  await build({
    entryPoints: ['page.ts', 'sign-in.ts', 'style.css'].map((name) => join(folder, name)),
    outdir: 'dist/page',
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'iife',
    target: ['chrome111', 'edge111', 'firefox115', 'safari16.4'],
  });
  for (const name of ['index.html', 'sign-in.html']) await copyFile(join(folder, name), join('dist/page', name));
}

/** The licences of everything that esbuild put into the bundle, from its own list of inputs. */
async function writeNotices(metafile: Metafile): Promise<void> {
  const names = new Set<string>();
  for (const input of Object.keys(metafile.inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found?.[1]) names.add(found[1]);
  }
  const parts: string[] = ['Third-party software inside the bundled files of tidewaiter.\n'];
  for (const name of [...names].sort()) {
    const folder = join('node_modules', name);
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      version: string;
      license?: string;
    };
    const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license']
      .map((f) => join(folder, f))
      .find((f) => existsSync(f));
    const text = file ? await readFile(file, 'utf8') : '';
    parts.push(
      `\n${'-'.repeat(78)}\n${name} ${manifest.version} (${manifest.license ?? 'see text'})\n\n${text.trim()}\n`,
    );
  }
  await writeFile('dist/THIRD-PARTY-NOTICES.txt', parts.join(''));
}
