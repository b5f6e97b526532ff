import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { alpineFiles } from '../../test/robustness/alpine-image.js';
import { advisoryDatabase } from '../../test/support/advisory-database.js';
import { buildImage, type ImageSpec } from '../../test/support/image-builder.js';
import { temporaryFolder } from '../../test/support/paths.js';
import { type RegistryServer, startRegistry } from '../../test/support/registry/index.js';
import { createContext, isTidewaiterError } from '../core/index.js';
import type { ScanReport } from '../report/index.js';
import { factsFolder, scanImage, type ScanRequest } from './index.js';

const secdb = (fixed: string): string => `- bucket: alpine 3.11
  pairs:
    - bucket: openssl
      pairs:
        - {key: CVE-2099-0001, value: {FixedVersion: ${fixed}}}
`;

const imageOf = (version: string, platform = 'linux/amd64'): ImageSpec => ({
  platform,
  layers: [alpineFiles, [{ path: 'app/version', content: version }]],
  compression: 'gzip',
});

interface Setting {
  readonly registry: RegistryServer;
  readonly folder: string;
  readonly facts: string;
  readonly scan: (reference: string, more?: ScanRequest) => Promise<ScanReport>;
  /** How many requests the registry has seen since the last call. */
  readonly asked: () => number;
}

async function setUp(t: TestContext): Promise<Setting> {
  const folder = temporaryFolder(t);
  const databasePath = await advisoryDatabase(join(folder, 'db'), { 'main.yaml': secdb('9.9.9') });
  const registry = await startRegistry();
  t.after(() => registry.close());
  const cacheDir = join(folder, 'cache');
  let seen = 0;
  return {
    registry,
    folder,
    facts: factsFolder(cacheDir),
    scan: async (reference, more = {}) =>
      await scanImage(createContext(), {
        reference: `${registry.host}/${reference}`,
        imageSources: ['remote'],
        databasePath,
        cacheDir,
        platform: 'linux/amd64',
        keepDocuments: true,
        registry: { impatient: true },
        ...more,
      }),
    asked() {
      const count = registry.accessLog.length - seen;
      seen = registry.accessLog.length;
      return count;
    },
  };
}

const findings = ({ images }: ScanReport): readonly string[] =>
  images.flatMap(({ results }) => results.flatMap((one) => one.findings.map((found) => found.vulnerabilityId)));

const failing = (promise: Promise<unknown>): Promise<void> =>
  assert.rejects(promise, (error) => isTidewaiterError(error));

void test('what was scanned is scanned again by digest without its registry, against another database, too', async (t) => {
  const { registry, folder, scan, asked } = await setUp(t);
  const index = registry.addImage('team/app', '1', buildImage(imageOf('1')), buildImage(imageOf('1', 'linux/arm64')));
  const single = registry.addImage('team/app', '2', buildImage(imageOf('2')));
  for (const [tag, digest] of [
    ['1', index],
    ['2', single],
  ] as const) {
    assert.ok(findings(await scan(`team/app:${tag}`)).length > 0);
    asked();
    assert.ok(findings(await scan(`team/app@${digest}`)).length > 0);
    assert.equal(asked(), 0);
  }
  await registry.close();
  const other = await advisoryDatabase(join(folder, 'other'), { 'main.yaml': secdb('0.0.1') });
  for (const digest of [index, single]) {
    const before = await scan(`team/app@${digest}`);
    assert.ok(findings(before).length > 0);
    assert.deepEqual(findings(await scan(`team/app@${digest}`, { databasePath: other })), []);
    assert.deepEqual(findings(await scan(`team/app@${digest}`, { keepDocuments: 'only' })), findings(before));
    // Of another repository it is the same bytes.
    assert.deepEqual(findings(await scan(`team/copy@${digest}`)), findings(before));
  }
  for (const keepDocuments of ['only', false] as const) await failing(scan('team/app:1', { keepDocuments }));
  // A tag may have moved, and of the other platform nothing was read.
  await failing(scan('team/app:1'));
  await failing(scan(`team/app@${index}`, { platform: 'linux/arm64' }));
  await failing(scan(`team/app@${single}`, { keepDocuments: false }));
});

void test('kept documents that were damaged, or forged under another digest, are asked for again', async (t) => {
  const { registry, facts, scan, asked } = await setUp(t);
  const digest = registry.addImage('team/app', undefined, buildImage(imageOf('1')));
  await failing(scan(`team/app@${digest}`, { keepDocuments: 'only' }));
  assert.equal(asked(), 0);
  const first = await scan(`team/app@${digest}`);
  for (const name of readdirSync(facts)) {
    const path = join(facts, name);
    const whole = readFileSync(path);
    const changed = Buffer.from(whole);
    const last = changed.length - 1;
    changed[last] = (changed[last] ?? 0) ^ 1;
    writeFileSync(path, changed);
    asked();
    assert.deepEqual(findings(await scan(`team/app@${digest}`)), findings(first));
    assert.ok(asked() <= 3);
  }
  asked();
  await scan(`team/app@${digest}`);
  assert.equal(asked(), 0);
});

void test('what a registry calls something else than it is is not kept', async (t) => {
  const { registry, scan, asked } = await setUp(t);
  const image = buildImage(imageOf('1'));
  registry.addImage('team/app', '1', image);
  const double = new TextEncoder().encode(
    JSON.stringify({ ...JSON.parse(new TextDecoder().decode(image.manifest)), mediaType: undefined, manifests: [] }),
  );
  const digest = registry.addManifest('team/app', 'both', double, image.manifestMediaType);
  const scanQuietly = async (): Promise<void> => void (await scan(`team/app@${digest}`).catch(() => undefined));
  await scanQuietly();
  asked();
  await scanQuietly();
  assert.ok(asked() > 0);
});

void test('a folder that takes nothing is told once, and the scan goes on', async (t) => {
  if (process.platform === 'win32') return t.skip('no permission bits here');
  const { registry, folder, facts, scan } = await setUp(t);
  const digest = registry.addImage('team/app', undefined, buildImage(imageOf('1')));
  await scan(`team/app@${digest}`);
  chmodSync(facts, 0o777);
  const reasons: string[] = [];
  const onNotKept = (reason: string): void => void reasons.push(reason);
  assert.ok(findings(await scan(`team/app@${digest}`, { onNotKept })).length > 0);
  assert.equal(reasons.length, 1);
  writeFileSync(join(folder, 'file'), '');
  await scan(`team/app@${digest}`, { onNotKept, cacheDir: join(folder, 'file') });
  assert.equal(reasons.length, 2);
});
