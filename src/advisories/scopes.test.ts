import assert from 'node:assert/strict';
import test from 'node:test';
import { distributionOfOsv, languageEcosystems, languageSource, normalizePackageName, scopeOf } from './scopes.js';

const buckets: Readonly<Record<string, string | undefined>> = {
  'AlmaLinux:8': 'alma 8',
  'Rocky Linux:9': 'rocky 9',
  'Alpine:v3.18': 'alpine 3.18',
  'Alpine:edge': 'alpine edge',
  'Debian:12': 'debian 12',
  'Ubuntu:22.04:LTS': 'ubuntu 22.04',
  'Ubuntu:24.10': 'ubuntu 24.10',
  'Ubuntu:Pro:16.04:LTS': 'ubuntu 16.04-ESM',
  'Ubuntu:FIPS:Pro:22.04:LTS': undefined,
  Wolfi: 'wolfi',
  Chainguard: 'chainguard',
  MinimOS: 'minimos',
  Echo: 'echo',
  'Photon OS:3.0': 'Photon OS 3.0',
  'Azure Linux:3': 'Azure Linux 3.0',
  'openSUSE:Leap 15.5': 'openSUSE Leap 15.5',
  'openSUSE:Leap Micro 5.3': 'openSUSE Leap Micro 5.3',
  'openSUSE:Tumbleweed': 'openSUSE Tumbleweed',
  'SUSE:Linux Enterprise Server 15 SP4': 'SUSE Linux Enterprise 15.4',
  'SUSE:Linux Enterprise Server 12 SP5-LTSS': 'SUSE Linux Enterprise 12.5',
  'SUSE:Linux Enterprise Module for Basesystem 15 SP5': 'SUSE Linux Enterprise 15.5',
  'SUSE:Linux Enterprise Micro 5.3': 'SUSE Linux Enterprise Micro 5.3',
  Debian: undefined,
  'Red Hat:enterprise_linux:8::baseos': undefined,
  Hackage: undefined,
  '': undefined,
};

for (const [ecosystem, bucket] of Object.entries(buckets)) {
  test(`the OSV ecosystem "${ecosystem}" is ${bucket ?? 'none of ours'}`, () => {
    assert.equal(distributionOfOsv(ecosystem)?.bucket, bucket);
  });
}

test('names of packages as each ecosystem spells them', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['pip', 'Zope_Page.Templates', 'zope-page.templates'],
    ['nuget', 'Newtonsoft.Json', 'newtonsoft.json'],
    ['go', 'github.com/BurntSushi/toml', 'github.com/BurntSushi/toml'],
    ['swift', 'https://github.com/Org/Thing.git', 'github.com/Org/Thing'],
    ['maven', 'Org.Apache:Commons', 'org.apache:commons'],
    ['npm', '@Scope/Name', '@scope/name'],
  ];
  for (const [prefix, name, expected] of cases) assert.equal(normalizePackageName(prefix, name), expected);
});

test('the source of a language record shows in its id', () => {
  const npm = languageEcosystems.find(({ prefix }) => prefix === 'npm') ?? assert.fail();
  const names = ['GHSA-1', 'GO-1', 'PYSEC-1', 'RUSTSEC-1', 'MAL-1', 'BIT-1', 'ANY-1', 'constructor-1', 'bare'].map(
    (id) => languageSource(npm, id).id,
  );
  assert.deepEqual(names, ['ghsa', 'govulndb', 'osv', 'osv', 'osv', 'bitnami', 'osv', 'osv', 'osv']);
});

test('a scope of the plain form', () => {
  assert.equal(scopeOf('npm', 'ghsa')?.bucket, 'npm::GitHub Security Advisory npm');
  assert.equal(scopeOf('pip', 'ghsa')?.coverage, 'pip::');
  assert.equal(scopeOf('alpine 3.11', 'alpine')?.scheme, 'apk');
  assert.equal(scopeOf('debian 11', 'debian')?.bucket, 'debian 11');
  assert.equal(scopeOf('alpine 3.11', 'nobody'), undefined);
});
