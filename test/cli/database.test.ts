import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { alpineImage } from '../robustness/alpine-image.js';
import { notBuilt, tidewaiter } from '../robustness/program.js';
import { dockerArchive } from '../support/image-builder.js';
import { temporaryFolder } from '../support/paths.js';

const advisories = `tidewaiter: advisories/v1
scope: alpine 3.11
source: alpine
facts: https://example.com/main.json
reviewed: [openssl, musl]
advisories:
  openssl:
    CVE-2099-0001: 1.1.1z-r0
`;

test('a database is built, told of, used from its file, installed and cleaned away', { skip: notBuilt }, async (t) => {
  const folder = temporaryFolder(t);
  const cache = join(folder, 'cache');
  const archive = join(folder, 'alpine.tar');
  writeFileSync(archive, dockerArchive(alpineImage));
  writeFileSync(join(folder, 'advisories.yaml'), advisories);
  const run = async (...words: readonly string[]): ReturnType<typeof tidewaiter> =>
    await tidewaiter([...words, '--cache-dir', cache], { cwd: folder });

  const built = await run('db', 'build', '--out', 'out', 'advisories.yaml');
  assert.equal(built.exitCode, 0, built.stderr);
  assert.deepEqual(readdirSync(join(folder, 'out')).sort(), ['metadata.json', 'trivy.db']);

  const info = await run('db', 'info', '--db', 'out/trivy.db', '--format', 'json');
  assert.match(info.stderr, /^result: .*trivy\.db can be used/);
  const told = JSON.parse(info.stdout) as { kind: string; schemaVersion: number; sources: { bucket: string }[] };
  assert.deepEqual(
    [told.kind, told.schemaVersion, told.sources.map(({ bucket }) => bucket)],
    ['file', 2, ['alpine 3.11']],
  );

  const scanned = await run('image', '--input', archive, '--db', 'out');
  assert.match(scanned.stdout, /CVE-2099-0001/);
  assert.doesNotMatch((await run('image', '--input', archive)).stdout, /CVE-2099-0001/);

  const imported = await run('db', 'import', 'out/trivy.db');
  assert.equal(imported.exitCode, 0, imported.stderr);
  assert.match((await run('image', '--input', archive)).stdout, /CVE-2099-0001/);
  assert.match((await run('db', 'info')).stdout, /installed/);
  assert.match((await run('version')).stdout, /installed/);

  assert.equal((await run('clean', '--vuln-db')).exitCode, 0);
  assert.deepEqual(existsSync(join(cache, 'db')) ? readdirSync(join(cache, 'db')) : [], []);
  assert.match((await run('db', 'info')).stdout, /starter/);
  assert.match((await run('db', 'info')).stderr, /^result: scans use the starter database/);
  assert.equal((await run('db', 'info', '--quiet')).stderr, '');
});
