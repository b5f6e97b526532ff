import assert from 'node:assert/strict';
import test from 'node:test';
import { type LayerTree, namesOf, squashTrees } from '../../test/support/cataloger-tester.js';
import type { ImageFacts } from './image-facts.js';

const six = 'usr/lib/python3/dist-packages/six-1.12.0.egg-info';
const metadata = (version: string): string => `Name: six\nVersion: ${version}\n`;
const status = (...names: readonly string[]): string =>
  names.map((name) => `Package: ${name}\nVersion: 1.12.0-1\nArchitecture: all\n\n`).join('');

const debian: LayerTree = {
  'etc/debian_version': '10.3\n',
  'var/lib/dpkg/status': status('python3-six', 'bash'),
  'var/lib/dpkg/info/python3-six.md5sums': `d41d8cd98f00b204e9800998ecf8427e  ${six}\n`,
  [six]: metadata('1.12.0'),
  'usr/local/lib/python3.7/site-packages/requests-2.22.0.dist-info/METADATA': 'Name: requests\nVersion: 2.22.0\n',
};

function pythonOf(image: ImageFacts): readonly string[] {
  return namesOf(image.applications.find((each) => each.type === 'python-pkg')?.packages ?? [], true);
}

test('what a Debian package owns is not reported as a Python package, what pip installed is', () => {
  assert.deepEqual(pythonOf(squashTrees([debian])), ['requests 2.22.0 @0']);
});

test('comprehensive: both are', () => {
  assert.deepEqual(pythonOf(squashTrees([debian], { detectionPriority: 'comprehensive' })), [
    'requests 2.22.0 @0',
    'six 1.12.0 @0',
  ]);
});

test('apk lists the files of all packages in every layer', () => {
  const apk = {
    'lib/apk/db/installed': `P:py3-six\nV:1.12.0-r0\nF:usr/lib/python3/dist-packages\nR:six-1.12.0.egg-info\n\n`,
  };
  const image = squashTrees([
    { 'etc/alpine-release': '3.11.6\n', ...apk, [six]: metadata('1.12.0') },
    { ...apk, [six]: metadata('1.13.0') },
  ]);
  assert.deepEqual(image.applications, []);
});

test('an upper layer that repeats the file unchanged does not bring it back', () => {
  assert.deepEqual(pythonOf(squashTrees([debian, { [six]: metadata('1.12.0') }])), ['requests 2.22.0 @0']);
});

test('another version in the same file is somebody else’s package', () => {
  assert.deepEqual(pythonOf(squashTrees([debian, { [six]: metadata('1.16.0') }])), [
    'requests 2.22.0 @0',
    'six 1.16.0 @1',
  ]);
});

test('the same version is reported once its Debian package is gone', () => {
  const image = squashTrees([debian, { 'var/lib/dpkg/status': status('bash'), [six]: metadata('1.12.0') }]);
  assert.deepEqual(pythonOf(image), ['requests 2.22.0 @0', 'six 1.12.0 @1']);
});

test('files of third parties are reported', () => {
  const image = squashTrees([
    {
      'etc/debian_version': '10.3\n',
      'var/lib/dpkg/status': 'Package: nodejs\nVersion: 14.0.0-1nodesource1\nMaintainer: A <a@nodesource.com>\n\n',
      'var/lib/dpkg/info/nodejs.md5sums': 'd41d  usr/lib/node_modules/npm/package.json\n',
      'usr/lib/node_modules/npm/package.json': '{"name":"npm","version":"6.14.0"}',
    },
  ]);
  assert.deepEqual(namesOf(image.applications[0]?.packages ?? []), ['npm 6.14.0']);
  assert.equal(image.osPackages[0]?.package.origin, 'third-party');
});

test('Python 2.7’s own files belong to nobody and are dropped all the same', () => {
  const image = squashTrees([{ 'usr/lib/python2.7/argparse.egg-info': 'Name: argparse\nVersion: 1.2.1\n' }]);
  assert.deepEqual(image.applications, []);
});
