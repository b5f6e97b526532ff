/**
 * `npx tsx bench/registries.ts [--image FILE] [--runs N]`: the same image from an archive and from a registry on loopback,
 * nothing known of it, as whole processes; beside them a Trivy (on `PATH` or in `TRIVY`). Needs `skopeo` and
 * go-containerregistry's `registry`, on the path or in `TIDEWAITER_PEERS`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, startCraneRegistry } from '../test/support/real-registry.js';
import { prepareTrivyCache, trivyScan } from '../test/support/trivy.js';
import { bigImage } from './big-image.js';
import { compare, type Candidate } from './measure.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const runs = Number(option('--runs') ?? 5);
const cli = option('--cli') ?? join(root, 'dist', 'cli.js');
const database = join(dirname(cli), 'starter', 'trivy.db');
const skopeo = findProgram('skopeo');
if (!existsSync(cli)) throw new Error(`${cli} is missing: npm run build`);
if (skopeo === undefined || findProgram('registry') === undefined) throw new Error('needs skopeo and registry');

mkdirSync(join(root, 'bench', 'work'), { recursive: true });
const source = option('--image') ?? `docker-archive:${await bigImage(join(root, 'bench', 'work'))}`;
const scratch = mkdtempSync(join(tmpdir(), 'tidewaiter-bench-'));
const registry = await startCraneRegistry(join(scratch, 'registry'));
try {
  const name = `${registry.host}/bench/image:1`;
  const archive = join(scratch, 'image.tar');
  copy(source.includes(':') ? source : `oci-archive:${source}`, `docker://${name}`);
  copy(`docker://${name}`, `oci-archive:${archive}`);
  const cache = join(scratch, 'cache');
  const fresh = (): void => rmSync(cache, { recursive: true, force: true });
  const usual = ['--quiet', '--incomplete', 'allow', '--format', 'json', '--cache-dir', cache, '--db', database];
  const ours = (...what: readonly string[]): string[] => [process.execPath, cli, 'image', ...usual, ...what];
  const candidates: Candidate[] = [
    { name: 'tidewaiter, archive', command: ours('--input', archive), before: fresh },
    { name: 'tidewaiter, registry', command: ours('--image-src', 'remote', name), before: fresh },
    ...trivyCandidates(name),
  ];
  const measured = await compare(candidates, runs);
  const base = measured.get('tidewaiter, archive')?.seconds ?? Number.NaN;
  console.log('an image of which nothing is known (median of the runs; ratio to "tidewaiter, archive")');
  for (const [title, { seconds, cpuSeconds, peakBytes, exitCode }] of measured) {
    const figures = [seconds.toFixed(3), `x ${(seconds / base).toFixed(2)}`, `cpu ${cpuSeconds.toFixed(2)} s`];
    console.log(
      `  ${title.padEnd(22)} ${figures.join('  ')}  peak ${(peakBytes / 1e6).toFixed(0)} MB  exit ${exitCode}`,
    );
  }
} finally {
  await registry.close();
  rmSync(scratch, { recursive: true, force: true });
}

function trivyCandidates(name: string): readonly Candidate[] {
  const trivy = process.env['TRIVY'] ?? findProgram('trivy');
  if (trivy === undefined) return [];
  const cache = join(scratch, 'trivy');
  prepareTrivyCache(cache, database);
  const words = trivyScan(cache, '').slice(0, -2);
  const before = (): void => rmSync(join(cache, 'fanal'), { recursive: true, force: true });
  return [{ name: 'trivy, registry', command: [trivy, ...words, '--insecure', '--image-src', 'remote', name], before }];
}

function copy(from: string, to: string): void {
  const how = ['copy', '--insecure-policy', '--quiet', '--src-tls-verify=false', '--dest-tls-verify=false'];
  const copied = spawnSync(skopeo ?? '', [...how, from, to], { encoding: 'utf8' });
  if (copied.status !== 0) throw new Error(`skopeo: ${copied.stderr}`);
}
