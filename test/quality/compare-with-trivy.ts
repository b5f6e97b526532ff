/**
 * Scans the same images with a Trivy (in `TRIVY`) and with the built program, on one database that `db build` made, and
 * compares the sets of findings and, member by member, the JSON reports. Ends with 1 when they differ in a way that is
 * not listed in `wanted` below. Usage: TRIVY=/path/to/trivy npx tsx test/quality/compare-with-trivy.ts [ARCHIVE...]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { prepareTrivyCache, trivyScan } from '../support/trivy.js';
import { truthImages, unfixedAdvisories } from './older-packages.js';

type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
type JsonObject = { [member: string]: Json };

const repo = process.cwd();
const shared = join(repo, '..', 'shared', 'data');
const cli = join(repo, 'dist', 'cli.js');
const trivy = process.env['TRIVY'] ?? 'trivy';
const work = mkdtempSync(join(tmpdir(), 'tidewaiter-compare-'));

/** Differences that are meant, by the path of the member. Everything else that differs is a defect of ours. */
const wanted: readonly {
  readonly path: RegExp;
  readonly only?: ((difference: Difference) => boolean) | undefined;
  readonly why: string;
}[] = [
  {
    path: /^\.(?:Trivy|Tidewaiter)\b/,
    why: 'who made the report: ours says so under Tidewaiter, with what could not be assessed',
  },
  { path: /^\.(?:ReportID|CreatedAt)$/, why: 'fresh in every run' },
  { path: /\.(?:UID)$/, why: 'opaque in both' },
  { path: /\.Licenses(?:\[\d+\])?$/, why: 'a few spellings of licences are normalised to another SPDX identifier' },
  {
    path: /^\.Results\[\d+\]$/,
    only: ({ theirs }) => object(theirs)['Type'] === 'gemspec',
    why: 'Ruby gems are not read yet, which ours says under Tidewaiter.Unknowns',
  },
];

try {
  run();
} finally {
  rmSync(work, { recursive: true, force: true });
}

function run(): void {
  const ownYaml = join(work, 'unfixed.yaml');
  writeFileSync(ownYaml, unfixedAdvisories);
  const sources = ['alpine-secdb.tar.zst', 'debian-dsa-dla.tar.zst'].map((file) => join(shared, 'advisories', file));
  const big = join(work, 'built');
  node([cli, 'db', 'build', '--quiet', '--out', big, ...sources, ownYaml]);
  const starter = join(repo, 'dist', 'starter');

  const jobs: { readonly image: string; readonly database: string }[] = [];
  for (const truth of truthImages(join(shared, 'advisories'))) {
    const image = join(work, `${truth.name}.tar`);
    writeFileSync(image, truth.archive);
    jobs.push({ image, database: big });
  }
  for (const file of readdirSync(join(shared, 'images')))
    jobs.push({ image: join(shared, 'images', file), database: big });
  for (const file of readdirSync(join(repo, 'examples', 'images'))) {
    if (file.endsWith('.tar')) jobs.push({ image: join(repo, 'examples', 'images', file), database: starter });
  }
  const debian = debianImage();
  for (const image of [...(debian === undefined ? [] : [debian]), ...process.argv.slice(2)]) {
    jobs.push({ image, database: big }, { image, database: starter });
  }

  let defects = 0;
  let findings = 0;
  const seen = new Map<string, number>();
  for (const { image, database } of jobs) {
    const theirs = trivyReport(image, database);
    const ours = ourReport(image, database);
    const a = findingSet(theirs);
    const b = findingSet(ours);
    const missing = [...a].filter((line) => !b.has(line));
    const extra = [...b].filter((line) => !a.has(line));
    findings += b.size;
    console.log(
      `${basename(image)} on ${basename(database)}: ${packageCount(ours)} packages, ${a.size} findings of Trivy, ${b.size} of ours, ${missing.length} missing, ${extra.length} extra`,
    );
    for (const line of [...missing.map((l) => `  missing ${l}`), ...extra.map((l) => `  extra   ${l}`)].slice(0, 20))
      console.log(line);
    defects += missing.length + extra.length;
    for (const difference of differences(theirs, ours, '')) {
      const meant = wanted.some(({ path, only }) => path.test(difference.path) && (only?.(difference) ?? true));
      const key = `${meant ? 'wanted' : 'DEFECT'} ${difference.path.replaceAll(/\[\d+\]/g, '[]')}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      if (!meant && (seen.get(key) ?? 0) <= 3)
        console.log(
          `  ${basename(image)}${difference.path}: ${short(difference.theirs)} became ${short(difference.ours)}`,
        );
      if (!meant) defects++;
    }
  }
  console.log('\nmembers that differ, and how often:');
  for (const [key, count] of [...seen].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`  ${key}: ${count}`);
  console.log(`\n${jobs.length} scans, ${findings} findings, ${defects} differences that are not wanted`);
  if (defects > 0) process.exitCode = 1;
}

/** A Debian of 300 packages and more, made of Debian's own packages where the tool for it is installed. */
function debianImage(): string | undefined {
  const given = process.env['DEBIAN_IMAGE'];
  if (given) return given;
  const root = join(work, 'root.tar');
  const include =
    'build-essential,python3-pip,python3-requests,python3-yaml,apache2,nginx,curl,git,php-cli,ruby,imagemagick,nodejs,openssh-server,postgresql-client,vim,gdb,subversion,mercurial,libgtk-3-0';
  const made = spawnSync('mmdebstrap', ['--variant=minbase', `--include=${include}`, 'bookworm', root], {
    stdio: 'ignore',
  });
  if (made.status !== 0) {
    console.log('no Debian image: mmdebstrap is not installed, or had no packages');
    return undefined;
  }
  const layout = join(work, 'layout');
  const archive = join(work, 'debian.tar');
  const steps = [
    ['umoci', 'init', '--layout', layout],
    ['umoci', 'new', '--image', `${layout}:d`],
    ['umoci', 'raw', 'add-layer', '--image', `${layout}:d`, root],
    ['skopeo', 'copy', '--quiet', `oci:${layout}:d`, `docker-archive:${archive}:debian:many`],
  ];
  for (const [program = '', ...rest] of steps) {
    const ended = spawnSync(program, rest, { encoding: 'utf8' });
    if (ended.status !== 0) {
      console.log(`no Debian image: ${program}: ${ended.stderr ?? 'not installed'}`);
      return undefined;
    }
  }
  return archive;
}

function trivyReport(image: string, database: string): JsonObject {
  const cache = join(work, `trivy-${basename(database)}`);
  prepareTrivyCache(cache, join(database, 'trivy.db'));
  const input = image.endsWith('oci-archive.tar') ? unpackedLayout(image) : image;
  const ended = spawnSync(trivy, trivyScan(cache, input), { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (ended.status !== 0) throw new Error(`${trivy} on ${image}: ${ended.stderr}`);
  return JSON.parse(ended.stdout) as JsonObject;
}

/** Trivy reads OCI layouts only as folders. */
function unpackedLayout(archive: string): string {
  const folder = join(work, 'layout-of', basename(archive));
  mkdirSync(folder, { recursive: true });
  spawnSync('tar', ['-xf', archive, '-C', folder]);
  return existsSync(join(folder, 'manifest.json')) ? archive : folder;
}

function ourReport(image: string, database: string): JsonObject {
  const text = node([
    cli,
    'image',
    '--quiet',
    '--incomplete',
    'allow',
    '--cache-dir',
    join(work, 'ours'),
    '--db',
    join(database, 'trivy.db'),
    '--format',
    'json',
    '--input',
    image,
  ]);
  return JSON.parse(text) as JsonObject;
}

function node(commandLine: readonly string[]): string {
  const ended = spawnSync(process.execPath, commandLine, { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (ended.status !== 0) throw new Error(`${commandLine.join(' ')} ended with ${ended.status}: ${ended.stderr}`);
  return ended.stdout;
}

function findingSet(report: JsonObject): ReadonlySet<string> {
  const found = new Set<string>();
  for (const result of list(report['Results'])) {
    for (const one of list(object(result)['Vulnerabilities'])) {
      const {
        VulnerabilityID,
        PkgName,
        PkgPath = '',
        InstalledVersion,
        FixedVersion = '-',
        Severity,
        Status,
      } = object(one);
      found.add(JSON.stringify([VulnerabilityID, PkgName, PkgPath, InstalledVersion, FixedVersion, Severity, Status]));
    }
  }
  return found;
}

function packageCount(report: JsonObject): number {
  return list(report['Results']).reduce<number>((sum, result) => sum + list(object(result)['Packages']).length, 0);
}

interface Difference {
  readonly path: string;
  readonly theirs: Json | undefined;
  readonly ours: Json | undefined;
}

function* differences(theirs: Json | undefined, ours: Json | undefined, path: string): Generator<Difference> {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    for (let at = 0; at < Math.max(theirs.length, ours.length); at++)
      yield* differences(theirs[at], ours[at], `${path}[${at}]`);
  } else if (isObject(theirs) && isObject(ours)) {
    const names = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
    for (const name of names) yield* differences(theirs[name], ours[name], `${path}.${name}`);
    const both = Object.keys(theirs).filter((name) => name in ours);
    const oursInOrder = Object.keys(ours).filter((name) => name in theirs);
    if (both.join() !== oursInOrder.join())
      yield { path: `${path}.<order>`, theirs: both.join(), ours: oursInOrder.join() };
  } else if (theirs !== ours) yield { path, theirs, ours };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function short(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
