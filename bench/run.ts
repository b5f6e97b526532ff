/** `npm run bench`: whole processes, ratios. See bench/README.md. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bigImage, hugeFileImage, manyFilesImage } from './big-image.js';
import { prepareTrivyCache, trivyScan } from '../test/support/trivy.js';
import { compare, measure, type Candidate, type Measured } from './measure.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const work = join(root, 'bench', 'work');
const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const runs = Number(option('--runs') ?? 5);
const cli = join(root, 'dist', 'cli.js');
if (!existsSync(cli)) throw new Error('dist/cli.js is missing: npm run build');

mkdirSync(work, { recursive: true });
const floor = join(work, 'floor.mjs');
await build({
  entryPoints: [join(root, 'bench', 'floor.ts')],
  outfile: floor,
  format: 'esm',
  platform: 'node',
  logLevel: 'error',
});

const image = option('--image') ?? (await bigImage(work));
const database = option('--db') ?? join(root, 'dist', 'starter', 'trivy.db');
const scratch = mkdtempSync(join(tmpdir(), 'tidewaiter-bench-'));
try {
  await start();
  await scans();
  if (process.argv.includes('--extremes')) await extremes();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function start(): Promise<void> {
  const measured = await compare(
    [
      { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
      { name: 'tidewaiter --version', command: [process.execPath, cli, '--version'] },
    ],
    Math.max(runs, 15),
  );
  print('start-up', measured, 'node -e 0');
}

async function scans(): Promise<void> {
  const cold = join(scratch, 'cold');
  const warm = join(scratch, 'warm');
  const ours = (cache: string): string[] => [
    process.execPath,
    cli,
    'image',
    '--quiet',
    '--incomplete',
    'allow',
    '--format',
    'json',
    '--cache-dir',
    cache,
    '--db',
    database,
    '--input',
    image,
  ];
  const candidates: Candidate[] = [
    { name: 'floor', command: [process.execPath, floor, image] },
    { name: 'tidewaiter, cold', command: ours(cold), before: () => rmSync(cold, { recursive: true, force: true }) },
    { name: 'tidewaiter, warm', command: ours(warm) },
  ];
  await measure(ours(warm));
  const trivy = process.env.TRIVY ?? spawnSync('sh', ['-c', 'command -v trivy'], { encoding: 'utf8' }).stdout.trim();
  if (trivy) candidates.push(...(await trivyCandidates(trivy)));
  else console.log('no trivy on PATH or in TRIVY: only the floor is compared');
  print('scan', await compare(candidates, runs), 'floor');
}

async function trivyCandidates(trivy: string): Promise<Candidate[]> {
  const folder = (name: string): string => {
    const cache = join(scratch, name);
    prepareTrivyCache(cache, database);
    return cache;
  };
  const command = (cache: string): string[] => [trivy, ...trivyScan(cache, image)];
  const cold = folder('trivy-cold');
  const warm = folder('trivy-warm');
  await measure(command(warm));
  return [
    {
      name: 'trivy, cold',
      command: command(cold),
      before: () => rmSync(join(cold, 'fanal'), { recursive: true, force: true }),
    },
    { name: 'trivy, warm', command: command(warm) },
  ];
}

async function extremes(): Promise<void> {
  for (const [name, path] of [
    ['a layer of 4 GB', await hugeFileImage(work, 4 * 2 ** 30)],
    ['a layer of 1,000,000 empty files', await manyFilesImage(work, 1_000_000)],
  ] as const) {
    const measured = await measure([
      process.execPath,
      cli,
      'image',
      '--quiet',
      '--cache-dir',
      join(scratch, 'extremes'),
      '--db',
      database,
      '--input',
      path,
    ]);
    console.log(`${name}: ${measured.seconds.toFixed(2)} s, peak ${megabytes(measured)} MB, exit ${measured.exitCode}`);
  }
}

function print(title: string, measured: ReadonlyMap<string, Measured>, base: string): void {
  const reference = measured.get(base)?.seconds ?? Number.NaN;
  console.log(`\n${title} (median of the runs; ratio to "${base}")`);
  for (const [name, one] of measured) {
    const ratio = (one.seconds / reference).toFixed(2);
    console.log(
      `  ${name.padEnd(22)} ${one.seconds.toFixed(3).padStart(8)} s  x ${ratio.padStart(5)}  peak ${megabytes(one)} MB  exit ${one.exitCode}`,
    );
  }
}

function megabytes(measured: Measured): string {
  return (measured.peakBytes / 1e6).toFixed(0).padStart(4);
}
