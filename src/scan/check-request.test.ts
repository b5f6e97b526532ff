import assert from 'node:assert/strict';
import test from 'node:test';
import { scanImage } from '../index.js';
import { checkRequest } from './check-request.js';
import { ScanError } from './errors.js';

const wrong: readonly (readonly [request: unknown, says: RegExp])[] = [
  [undefined, /object/],
  [null, /object/],
  ['image.tar', /object/],
  [[], /object/],
  [{}, /input/],
  [{ input: undefined }, /input/],
  [{ input: '' }, /input/],
  [{ input: 42 }, /input/],
  [{ input: 'x', inputt: 'y' }, /inputt/],
  [{ input: 'x', toString: 'y' }, /toString/],
  [{ input: 'x', severities: 'HIGH' }, /severities must be a list/],
  [{ input: 'x', severities: ['high'] }, /severities.*UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL/],
  [{ input: 'x', packageTypes: ['os', 'foo'] }, /packageTypes.*os, library/],
  [{ input: 'x', ignoreStatuses: ['bad'] }, /ignoreStatuses/],
  [{ input: 'x', skipDirs: ['[a'] }, /skipDirs/],
  [{ input: 'x', detectionPriority: 'foo' }, /detectionPriority/],
  [{ input: 'x', distro: 'alpine/3.11' }, /distro/],
  [{ input: 'x', distro: { family: 'foo', name: '1' } }, /distro/],
  [{ input: 'x', parallel: -1 }, /parallel/],
  [{ input: 'x', maxImageBytes: '1' }, /maxImageBytes/],
  [{ input: 'x', ignoreUnfixed: 'yes' }, /ignoreUnfixed/],
  [{ input: 'x', onDraft: 1 }, /onDraft/],
  [{ reference: '' }, /reference/],
  [{ reference: 'x', imageSources: ['registry'] }, /imageSources.*docker, containerd, podman, remote/],
  [{ reference: 'x', registry: 'y' }, /registry/],
  [{ reference: 'x', environment: [] }, /environment/],
];
for (const [request, says] of wrong) {
  test(`a request that is none: ${JSON.stringify(request)}`, async () => {
    const isSaid = (error: unknown): boolean => {
      assert.ok(error instanceof ScanError, String(error));
      assert.equal(error.code, 'INVALID_REQUEST');
      assert.match(error.message, says);
      return error.hint !== undefined;
    };
    assert.throws(() => checkRequest(request), isSaid);
    // As those call it who write no TypeScript.
    await assert.rejects(async () => await Reflect.apply(scanImage, undefined, [request]), isSaid);
  });
}

test('a request of an image by its name', () => {
  checkRequest({
    reference: 'nginx',
    imageSources: ['remote'],
    dockerHost: 'unix:///run/docker.sock',
    podmanHost: '/run/podman.sock',
    registry: { offline: true },
    environment: {},
  });
});

test('a request with everything in it', () => {
  checkRequest({
    input: 'x',
    reference: undefined,
    packageTypes: ['os'],
    packageRelationships: ['direct'],
    skipDirs: ['**/a'],
    skipFiles: [],
    distro: { family: 'alpine', name: '3.11' },
    severities: ['HIGH'],
    ignoreStatuses: ['will_not_fix'],
    exceptions: {},
    parallel: 0,
    maxImageBytes: 1,
    allowIncomplete: true,
  });
});
