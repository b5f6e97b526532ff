import assert from 'node:assert/strict';
import test from 'node:test';
import { type LayerTree, squashTrees, whiteout } from '../../../test/support/cataloger-tester.js';

const base: LayerTree = { 'etc/alpine-release': '3.11.6\n', 'lib/apk/db/installed': 'P:musl\nV:1.1.24-r2\n\n' };

function subjects(layers: readonly LayerTree[], options: Parameters<typeof squashTrees>[1] = {}): readonly string[] {
  return squashTrees([base, ...layers], options).unknowns.map((each) => `${each.code} ${each.subject}`);
}

const noticed: readonly (readonly [path: string, subject: string])[] = [
  ['usr/local/bundle/specifications/rack-2.0.0.gemspec', 'Ruby gems'],
  ['usr/lib/ruby/gems/2.7.0/specifications/default/json-2.3.0.gemspec', 'Ruby gems'],
  ['app.jar', 'Java archives'],
  ['srv/ROOT.WAR', 'Java archives'],
  ['srv/x.ear', 'Java archives'],
  ['srv/x.par', 'Java archives'],
  ['app/web.deps.json', '.NET applications'],
  ['app/packages.lock.json', 'NuGet packages'],
  ['app/packages.config', 'NuGet packages'],
  ['app/Directory.Packages.props', 'NuGet packages'],
  ['app/vendor/composer/installed.json', 'PHP packages'],
  ['opt/conda/conda-meta/zlib-1.2.11-0.json', 'conda packages'],
  ['app/Cargo.lock', 'Rust crates'],
  ['app/Manifest.toml', 'Julia packages'],
];
for (const [path, subject] of noticed) {
  test(`noticed, not read: ${path}`, () => {
    assert.deepEqual(subjects([{ [path]: 'x' }]), [`PACKAGES_UNSUPPORTED ${subject}`]);
    assert.deepEqual(subjects([{ [path]: 'x' }, { [path]: whiteout }]), []);
  });
}

test('not noticed: names that are only alike', () => {
  const paths = ['a/rack.gemspec', 'jar', 'a/installed.json', 'conda-meta.json', 'my-Cargo.lock', 'a/Manifest.toml/x'];
  assert.deepEqual(subjects([Object.fromEntries(paths.map((path) => [path, 'x']))]), []);
});

test('one unknown a kind and image, that counts what is left and names the first; no application', () => {
  const image = squashTrees([
    base,
    { 'b/x.jar': 'x', 'a/x.jar': 'x', 'c/x.jar': 'x' },
    { 'a/x.jar': whiteout, 'd/y.war': 'x', 'e/app/package.json': '{"name":"a","version":"1.0.0"}' },
  ]);
  assert.deepEqual(
    image.unknowns.map((each) => [each.code, each.subject, each.cataloger]),
    [['PACKAGES_UNSUPPORTED', 'Java archives', 'unread-packages']],
  );
  assert.match(image.unknowns[0]?.reason ?? '', /^3 .*b\/x\.jar/);
  assert.deepEqual(
    image.applications.map((each) => each.type),
    ['node-pkg'],
  );
});

test('what was not asked for, and what is skipped, is not missed', () => {
  const layers = [{ 'srv/x.jar': 'x' }];
  assert.deepEqual(subjects(layers, { kinds: { os: true, language: false } }), []);
  assert.deepEqual(subjects(layers, { catalog: { skipDirs: ['srv'] } }), []);
  assert.deepEqual(subjects(layers, { catalog: { skipFiles: ['**/*.jar'] } }), []);
  assert.equal(subjects(layers, { kinds: { os: false, language: true } }).length, 1);
});

test('files of the distribution are in the advisories of the distribution', () => {
  const jar = 'usr/share/java/junit.jar';
  const debian: LayerTree = {
    'etc/debian_version': '12.5\n',
    'var/lib/dpkg/status': 'Package: junit\nStatus: install ok installed\nVersion: 4.13\nArchitecture: all\n\n',
    'var/lib/dpkg/info/junit.md5sums': `d41d8cd98f00b204e9800998ecf8427e  ${jar}\n`,
    [jar]: 'x',
  };
  assert.deepEqual(squashTrees([debian]).unknowns, []);
  assert.equal(squashTrees([debian], { detectionPriority: 'comprehensive' }).unknowns.length, 1);
  const { [jar]: file = '', ...rest } = debian;
  assert.deepEqual(squashTrees([{ [jar]: file }, rest]).unknowns, [], 'unpacked in a layer below the database');
  assert.equal(squashTrees([debian, { 'opt/own.jar': 'x' }]).unknowns.length, 1);
});

test('a layer with more files than are kept says so, whatever hides them', () => {
  const tree = Array.from({ length: 50_002 }, (_, i): readonly [string, string] => [`a/${i}.jar`, '']);
  const image = squashTrees([base, tree, { a: whiteout }]);
  assert.deepEqual(
    image.unknowns.map((each) => `${each.code} ${each.subject}`),
    ['PACKAGES_UNSUPPORTED 2 more files'],
  );
});
