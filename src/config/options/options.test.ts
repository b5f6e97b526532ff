import test from 'node:test';
import assert from 'node:assert/strict';
import { ConfigError, environmentName, imageCommandOptions, oldNames, resolveSettings, type Option } from '../index.js';

/**
 * Every flag of `trivy image` 0.74.0 with its type (l list, s switch, t text, i int, n number, d duration) and key, so
 * that none of them is unknown here.
 */
const trivyFlags = `
input t image.input
image-src l image.source
platform t image.platform
docker-host t image.docker.host
podman-host t image.podman.host
max-image-size t image.max-size
image-config-scanners l image.image-config-scanners
format t format
output t output
template t template
severity l severity
ignore-unfixed s vulnerability.ignore-unfixed
ignore-status l vulnerability.ignore-status
ignorefile t ignorefile
exit-code i exit-code
exit-on-eol i exit-on-eol
list-all-pkgs s list-all-pkgs
table-mode l table-mode
show-suppressed s scan.show-suppressed
dependency-tree s dependency-tree
scanners l scan.scanners
pkg-types l pkg.types
pkg-relationships l pkg.relationships
detection-priority t scan.detection-priority
distro t scan.distro
skip-dirs l scan.skip-dirs
skip-files l scan.skip-files
file-patterns l scan.file-patterns
offline-scan s scan.offline
parallel i scan.parallel
vuln-severity-source l vulnerability.severity-source
vex l vulnerability.vex
secret-config t secret.config
license-full s license.full
ignored-licenses l license.ignored
license-confidence-level n license.confidenceLevel
db-repository l db.repository
java-db-repository l db.java-repository
skip-db-update s db.skip-update
skip-java-db-update s db.java-skip-update
download-db-only s db.download-only
download-java-db-only s db.download-java-only
no-progress s db.no-progress
username l registry.username
password l registry.password
password-stdin s registry.password-stdin
registry-token t registry.token
cache-backend t cache.backend
cache-dir t cache.dir
cacert t cacert
insecure s insecure
config t config
debug s debug
quiet s quiet
timeout d timeout
version s version
generate-default-config s generate-default-config
include-non-failures s misconfiguration.include-non-failures
report t report
output-plugin-arg t output-plugin-arg
skip-version-check s scan.skip-version-check
disable-telemetry s scan.disable-telemetry
skip-vex-repo-update s vulnerability.skip-vex-repo-update
rekor-url t scan.rekor-url
cache-ttl d cache.ttl
redis-ca t cache.redis.ca
redis-cert t cache.redis.cert
redis-key t cache.redis.key
redis-tls s cache.redis.tls
token t server.token
token-header t server.token-header
custom-headers l server.custom-headers
module-dir t module.dir
misconfig-scanners l misconfiguration.scanners
checks-bundle-repository t misconfiguration.checks-bundle-repository
skip-check-update s rego.skip-check-update
config-data l rego.data
check-namespaces l rego.namespaces
config-file-schemas l misconfiguration.config-file-schemas
include-deprecated-checks s rego.include-deprecated-checks
rego-error-limit i rego.error-limit
trace-rego s rego.trace
render-cause l misconfiguration.render-cause
raw-config-scanners l misconfiguration.raw-config-scanners
tf-exclude-downloaded-modules s misconfiguration.terraform.exclude-downloaded-modules
ansible-extra-vars l ansible.extra-vars
ansible-inventory l ansible.inventories
ansible-playbook l ansible.playbooks
helm-api-versions l misconfiguration.helm.api-versions
helm-kube-version t misconfiguration.helm.kube-version
helm-set l misconfiguration.helm.set
helm-set-file l misconfiguration.helm.set-file
helm-set-string l misconfiguration.helm.set-string
helm-values l misconfiguration.helm.values
compliance t scan.compliance
ignore-policy t ignore-policy
removed-pkgs s image.removed-pkgs
sbom-sources l scan.sbom-sources
server t server.addr
enable-modules l module.enable-modules
config-check l rego.check
`
  .trim()
  .split('\n')
  .map((line) => line.split(' '));

const types: Readonly<Record<string, string>> = {
  l: 'list',
  s: 'switch',
  t: 'text',
  i: 'int',
  n: 'number',
  d: 'duration',
};
const byName = new Map(imageCommandOptions.map((option) => [option.name, option]));
const known = { options: imageCommandOptions, oldNames };

/** A text that the option takes and that asks for something other than its default. */
function askingText(option: Option): string {
  if (option.type === 'switch') return option.fallback === 'true' ? 'false' : 'true';
  const other = option.values?.find((value) => value !== option.fallback) ?? option.values?.[0];
  if (other !== undefined) return other;
  if (option.type === 'duration') return '7m';
  if (option.type === 'size') return '7GB';
  return option.type === 'int' ? '7' : option.type === 'number' ? '0.7' : 'something';
}

test('each of the 101 flags is known, with its type and its key', () => {
  assert.equal(trivyFlags.length, 101);
  for (const [name = '', type = '', key = ''] of trivyFlags) {
    const option = byName.get(name);
    assert.ok(option, `--${name} is unknown`);
    // A size is a text that has to say a size.
    assert.equal(option.type === 'size' ? 'text' : option.type, types[type], name);
    if (key !== '-') assert.equal(option.key, key, name);
  }
});

test('names, letters and keys are given out once', () => {
  const names = [...imageCommandOptions, ...oldNames].map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  const letters = imageCommandOptions.flatMap(({ short }) => short ?? []);
  assert.equal(new Set(letters).size, letters.length);
  const keys = imageCommandOptions.flatMap(({ key }) => key ?? []);
  assert.equal(new Set(keys).size, keys.length);
});

test('a flag works, or says that it does nothing, or is refused: wherever it is given', () => {
  for (const option of imageCommandOptions) {
    const text = askingText(option);
    const places = [
      { commandLine: [{ name: option.name, text }], environment: {} },
      { commandLine: [], environment: { [environmentName(option.name)]: text } },
      { commandLine: [], environment: {}, configFile: { path: 'x.yaml', values: new Map([[option.key ?? '', text]]) } },
    ];
    for (const sources of option.key === undefined ? places.slice(0, 1) : places) {
      if (option.group === 'refused') {
        assert.throws(
          () => resolveSettings(known, sources),
          (error) => error instanceof ConfigError && error.code === 'NOT_SERVED' && (error.hint ?? '').length > 10,
          option.name,
        );
        continue;
      }
      const { settings, notes, warnings } = resolveSettings(known, sources);
      assert.ok(settings.given(option.name), option.name);
      assert.equal(notes.length, option.group === 'noted' ? 1 : 0, `${option.name}: ${notes.join()}`);
      // Secrets that others can see.
      assert.equal(
        warnings.length,
        option.exposed !== undefined && sources.commandLine.length > 0 ? 1 : 0,
        option.name,
      );
    }
  }
});

test('what does not work here has one clause that says why, or what to use instead', () => {
  for (const { name, group, sentence, summary } of imageCommandOptions) {
    assert.ok(summary.length > 5, name);
    assert.doesNotMatch(summary, /\.$/, name);
    if (group === 'works') continue;
    assert.ok(sentence !== undefined && sentence.length > 5 && !sentence.endsWith('.'), name);
  }
});

test('asking for the default of a refused flag asks for nothing', () => {
  for (const option of imageCommandOptions) {
    if (option.group !== 'refused' || option.fallback === undefined) continue;
    const given = { commandLine: [{ name: option.name, text: option.fallback }], environment: {} };
    assert.deepEqual(resolveSettings(known, given).notes, [], option.name);
  }
});

test('a flag without effect is noted whatever its value, a switch that is off and a file of defaults are not', () => {
  for (const option of imageCommandOptions) {
    if (option.group !== 'noted' || option.fallback === undefined) continue;
    const line = { commandLine: [{ name: option.name, text: option.fallback }], environment: {} };
    const wanted = option.type === 'switch' ? 0 : 1;
    assert.equal(resolveSettings(known, line).notes.length, wanted, option.name);
    const values = new Map([[option.key ?? '', option.fallback]]);
    const file = { commandLine: [], environment: {}, configFile: { path: 'x.yaml', values } };
    assert.deepEqual(resolveSettings(known, file).notes, [], option.name);
  }
});

test('formats and scanners that are not served are refused, unknown ones too', () => {
  const refused = ['sarif', 'cyclonedx', 'spdx', 'spdx-json', 'github', 'cosign-vuln', 'template'];
  for (const text of refused) {
    const sources = { commandLine: [{ name: 'format', text }], environment: {} };
    assert.throws(
      () => resolveSettings(known, sources),
      (error) => error instanceof ConfigError && error.code === 'NOT_SERVED',
      text,
    );
  }
  for (const text of ['secret', 'misconfig', 'config', 'license', 'vuln,secret']) {
    const sources = { commandLine: [{ name: 'scanners', text }], environment: {} };
    assert.throws(
      () => resolveSettings(known, sources),
      (error) => error instanceof ConfigError && error.code === 'NOT_SERVED',
      text,
    );
  }
  const unknown = { commandLine: [{ name: 'format', text: 'xml' }], environment: {} };
  assert.throws(
    () => resolveSettings(known, unknown),
    (error) => error instanceof ConfigError && error.code === 'INVALID_VALUE',
  );
});

test('former names stand for the new ones, with one warning', () => {
  for (const old of oldNames) {
    const text = old.type === 'switch' ? 'true' : old.to === 'pkg-types' ? 'os' : old.to === 'scanners' ? 'vuln' : 'x';
    const sources = { commandLine: [{ name: old.name, text }], environment: {} };
    if (old.gone !== undefined || byName.get(old.to ?? '')?.group === 'refused') {
      assert.throws(() => resolveSettings(known, sources), ConfigError, old.name);
      continue;
    }
    const { settings, warnings, notes } = resolveSettings(known, sources);
    assert.equal(warnings.length, old.warns ? 1 : 0, old.name);
    if (old.to === undefined) assert.equal(notes.length + warnings.length, 1, old.name);
    else assert.equal(settings.given(old.to)?.origin, `--${old.name}`);
  }
});
