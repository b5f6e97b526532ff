import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { apkFacts, type ApkTable, readApkTable } from '../../examples/apk-database.js';
import { type Description, parseDescription } from '../../examples/description.js';
import { imageSpecOf } from '../../examples/image-spec.js';
import { checkStructure } from '../../scripts/starter/check-structure.js';
import { compareAlpine } from '../../scripts/starter/compare-alpine.js';
import { compareDebian } from '../../scripts/starter/compare-debian.js';
import { readDebianLists } from '../../scripts/starter/debian-lists.js';
import { readSecdbArchive } from '../../scripts/starter/secdb.js';
import {
  factsOf,
  fixedVersionOf,
  readStarterTable,
  reviewedOf,
  type StarterDocument,
} from '../../scripts/starter/starter-table.js';
import { schemes } from '../../src/versions/index.js';
import { dockerArchive } from '../support/image-builder.js';
import { repoPath, sharedIsAbsent, sharedPath } from '../support/paths.js';

const documents = readStarterTable(repoPath('data', 'starter'));

test('starter table: every document keeps to the form, and none contradicts another', () => {
  const report = checkStructure(documents);
  assert.deepEqual(report.problems, []);
  assert.ok(report.reviewed > 0 && report.facts > report.reviewed);
});

test('starter table: Alpine facts agree with the copy of the security database', (t) => {
  const archive = sharedPath('data', 'advisories', 'alpine-secdb.tar.zst');
  if (archive === undefined) return t.skip(sharedIsAbsent);
  const comparisons = compareAlpine(documents, readSecdbArchive(archive));
  assert.deepEqual(comparisons.map(({ release }) => release).sort(), ['3.10', '3.11']);
  for (const { contradictions, equal } of comparisons) {
    assert.deepEqual(contradictions, []);
    assert.ok(equal > 50);
  }
});

test('starter table: Debian facts agree with the copy of the security lists', (t) => {
  const archive = sharedPath('data', 'advisories', 'debian-dsa-dla.tar.zst');
  if (archive === undefined) return t.skip(sharedIsAbsent);
  const comparisons = compareDebian(documents, readDebianLists(archive));
  assert.deepEqual(comparisons.map(({ release }) => release).sort(), ['10', '11']);
  for (const { contradictions, equal } of comparisons) {
    assert.deepEqual(contradictions, []);
    assert.ok(equal > 100);
  }
});

test('starter table: only files of fixes may speak of packages that nobody reviewed', () => {
  const head = { tidewaiter: 'advisories/v1', scope: 'debian 12', source: 'debian', facts: 'https://example.test/' };
  const document = { ...head, advisories: { apache2: { 'CVE-2023-31122': '2.4.59-1~deb12u1' } } };
  assert.deepEqual(checkStructure([documentOf(document, 'debian-12-changelogs.yaml')]).problems, []);
  assert.notDeepEqual(checkStructure([documentOf(document, 'debian-12.yaml')]).problems, []);
});

test('starter table check: each kind of mistake is found', () => {
  const good = { tidewaiter: 'advisories/v1', scope: 'alpine 3.11', source: 'alpine', facts: 'https://example.test/' };
  const mistakes: readonly Readonly<Record<string, unknown>>[] = [
    { ...good, scope: 'alpine' },
    { ...good, source: 'debian' },
    { ...good, facts: 'from memory' },
    { ...good, reviewed: ['musl', 'musl'] },
    { ...good, advisories: { musl: { 'CVE-2020-28928': '1.1.24-r3' } } },
    { ...good, reviewed: ['musl'], advisories: { musl: { 'CVE-2020-28928': 'r3 of 1.1.24' } } },
    { ...good, reviewed: ['musl'], advisories: { musl: { 'CVE-20-1': '1.1.24-r3' } } },
    { ...good, reviewed: ['musl'], advisories: { musl: { 'CVE-2020-28928': 1.1 } } },
    { ...good, reviewed: ['musl'], advisories: { musl: { 'CVE-2020-28928': null } } },
    { ...good, reviewed: ['musl'], advisories: { musl: { 'CVE-2020-28928': { status: 'maybe' } } } },
    details({ severity: { nvd: 'SEVERE' } }),
    details({ severity: { somebody: 'HIGH' } }),
    details({ severity: { nvd: 'LOW' }, cvss: { nvd: { v3: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' } } }),
    details({ severity: { nvd: 'HIGH' }, cvss: { nvd: { v2: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' } } }),
    details({ severity: { nvd: 'HIGH' }, cvss: { nvd: { v3: 'CVSS:3.1/AV:N/AC:L' } } }),
  ];
  for (const data of mistakes) {
    assert.notDeepEqual(checkStructure([documentOf(data)]).problems, [], JSON.stringify(data));
  }
  const twice = ['1.1.24-r3', '1.1.24-r4'].map((version, at) =>
    documentOf({ ...good, reviewed: ['musl'], advisories: { musl: { 'CVE-2020-28928': version } } }, `${at}.yaml`),
  );
  assert.notDeepEqual(checkStructure(twice).problems, []);
});

test('examples: each is built, the same bytes every time, and says what it is modelled on', () => {
  const table = readApkTable(readFileSync(repoPath('examples', 'apk', 'packages.yaml'), 'utf8'));
  for (const { name, text, description } of examples()) {
    assert.match(text, /^# Modelled on /, name);
    const [one, two] = [0, 1].map(() => dockerArchive(imageSpecOf(description, table)));
    assert.deepEqual(one, two, name);
  }
});

test('examples on Alpine: the starter table covers their packages, except those that are not of Alpine', () => {
  const table = readApkTable(readFileSync(repoPath('examples', 'apk', 'packages.yaml'), 'utf8'));
  const reviewed = reviewedOf(documents);
  const alpine = examples().filter(({ description }) => description.layers.some((layer) => layer.alpine !== undefined));
  assert.ok(alpine.length >= 7);
  for (const { name, description } of alpine) {
    const { scope, installed } = installedOn(description);
    const outside = [...installed.keys()]
      .map((each) => apkFacts(table, each).source)
      .filter((source) => !reviewed.get(scope)?.has(source));
    const foreign = outside.filter((source) => source.startsWith('nginx-module-'));
    assert.deepEqual(outside, foreign, name);
    if (name.startsWith('python') || name === 'alpine') assert.deepEqual(outside, [], name);
    for (const part of ['pip', 'setuptools', 'wheel']) assert.ok(reviewed.get('pip')?.has(part), part);
  }
});

test('examples on Alpine: each that carries old packages has findings, every one with a severity', () => {
  const table = readApkTable(readFileSync(repoPath('examples', 'apk', 'packages.yaml'), 'utf8'));
  const unknown = new Set(checkStructure(documents).unknown);
  for (const { name, description } of examples()) {
    const { scope, installed } = installedOn(description);
    if (scope === '') continue;
    const found = findings(scope, installed, table);
    assert.ok(found.length >= 40, `${name}: ${found.length}`);
    assert.deepEqual(
      found.filter((id) => unknown.has(id)),
      [],
      name,
    );
  }
});

test('examples on Debian: the starter table covers all their packages; what it rates nothing are regression updates', () => {
  const reviewed = reviewedOf(documents);
  const unknown = new Set(checkStructure(documents).unknown);
  const debian = examples().filter(({ description }) => description.layers.some((layer) => layer.debian !== undefined));
  assert.ok(debian.length >= 3);
  for (const { name, description } of debian) {
    const sources = description.layers.flatMap(({ dpkg }) => dpkg.map((each) => each.source ?? each.name));
    const outside = sources.filter((source) => !reviewed.get('debian 10')?.has(source));
    const foreign = outside.filter((source) => source.startsWith('nginx-module-'));
    assert.deepEqual(outside, foreign, name);
    const modules = description.layers.flatMap(({ node }) => node?.packages ?? []);
    assert.deepEqual(
      modules.filter((each) => !reviewed.get('npm')?.has(each.name)),
      [],
      name,
    );
    const open = factsOf(documents).filter(
      ({ scope, packageName, id }) => scope === 'debian 10' && sources.includes(packageName) && unknown.has(id),
    );
    const fired = open.filter(({ packageName, value }) => isBefore(description, packageName, value));
    assert.deepEqual(
      fired.map(({ id }) => id).filter((id) => !/^D[SL]A-/.test(id)),
      [],
      name,
    );
  }
});

/** Is a package of that source older than the fix, or is there none? */
function isBefore({ layers }: Description, source: string, value: unknown): boolean {
  const fixed = fixedVersionOf(value);
  const installed = layers.flatMap(({ dpkg }) => dpkg).filter((each) => (each.source ?? each.name) === source);
  return installed.some(
    ({ version, sourceVersion }) => fixed === undefined || schemes.dpkg.compare(sourceVersion ?? version, fixed) < 0,
  );
}

function examples(): readonly { readonly name: string; readonly text: string; readonly description: Description }[] {
  return readdirSync(repoPath('examples'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => {
      const text = readFileSync(repoPath('examples', file), 'utf8');
      return { name: file.slice(0, -'.yaml'.length), text, description: parseDescription(text, file) };
    });
}

/** The bucket of an Alpine example, empty for others, and what is installed at its end. */
function installedOn({ layers }: Description): {
  readonly scope: string;
  readonly installed: ReadonlyMap<string, string>;
} {
  const installed = new Map<string, string>();
  for (const layer of layers) {
    for (const { name, version } of layer.apk) installed.set(name, version);
    for (const name of layer.remove) installed.delete(name);
  }
  const version = layers.find((layer) => layer.alpine !== undefined)?.alpine;
  return { scope: version === undefined ? '' : `alpine ${version.split('.').slice(0, 2).join('.')}`, installed };
}

function findings(scope: string, installed: ReadonlyMap<string, string>, table: ApkTable): string[] {
  const facts = factsOf(documents).filter((fact) => fact.scope === scope);
  return [...installed].flatMap(([name, version]) =>
    facts
      .filter((fact) => fact.packageName === apkFacts(table, name).source && typeof fact.value === 'string')
      .filter((fact) => schemes.apk.compare(version, String(fact.value)) < 0)
      .map(({ id }) => id),
  );
}

function details(detail: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { tidewaiter: 'vulnerabilities/v1', vulnerabilities: { 'CVE-2020-28928': detail } };
}

function documentOf(data: Readonly<Record<string, unknown>>, file = 'made.yaml'): StarterDocument {
  return { file, text: '# made for a test\n', data };
}
