import assert from 'node:assert/strict';
import test from 'node:test';
import { primaryUrlOf } from './primary-url.js';

test('where a vulnerability is explained', () => {
  assert.equal(primaryUrlOf('CVE-2020-1967', undefined, 'alpine'), 'https://avd.aquasec.com/nvd/cve-2020-1967');
  assert.equal(primaryUrlOf('GHSA-jf85-cpcp-j695', [], 'ghsa'), 'https://github.com/advisories/GHSA-jf85-cpcp-j695');
  assert.equal(primaryUrlOf('RUSTSEC-2020-1', [], undefined), 'https://osv.dev/vulnerability/RUSTSEC-2020-1');
  assert.equal(
    primaryUrlOf('TEMP-0841856-B18BAF', [], 'debian'),
    'https://security-tracker.debian.org/tracker/TEMP-0841856-B18BAF',
  );
  const references = ['https://www.debian.org/b', 'http://www.debian.org/a', 'https://example.org'];
  assert.equal(primaryUrlOf('DSA-1-1', references, 'debian'), 'http://www.debian.org/a');
  assert.equal(primaryUrlOf('DSA-1-1', references, 'ubuntu'), undefined);
  assert.equal(primaryUrlOf('cve-2020-1967', undefined, 'alpine'), undefined);
  assert.equal(primaryUrlOf('DSA-1-1', references, 'constructor'), undefined);
  assert.equal(primaryUrlOf('DSA-1-1', undefined, undefined), undefined);
});
