import type { Option, OptionType } from '../option.js';

const neverLooks = 'no newer version is ever looked for';
const noRedis = 'there is no Redis cache';
const noServer = 'no server does the matching';
const noChecks = 'configuration is not checked here yet';

type Row = readonly [name: string, type: OptionType, key: string, summary: string, why: string, fallback?: string];

const rows: readonly Row[] = [
  ['skip-version-check', 'switch', 'scan.skip-version-check', 'do not look for newer versions', neverLooks, 'false'],
  ['disable-telemetry', 'switch', 'scan.disable-telemetry', 'send no usage data', 'none is ever sent', 'false'],
  [
    'skip-vex-repo-update',
    'switch',
    'vulnerability.skip-vex-repo-update',
    'do not refresh VEX repositories',
    'there are none',
    'false',
  ],
  [
    'rekor-url',
    'text',
    'scan.rekor-url',
    'transparency log to ask for SBOMs',
    'no transparency log is asked',
    'https://rekor.sigstore.dev',
  ],
  ['cache-ttl', 'duration', 'cache.ttl', 'life of the entries of a Redis cache', noRedis, '0'],
  ['redis-ca', 'text', 'cache.redis.ca', 'CA of the Redis cache', noRedis],
  ['redis-cert', 'text', 'cache.redis.cert', 'certificate for the Redis cache', noRedis],
  ['redis-key', 'text', 'cache.redis.key', 'key for the Redis cache', noRedis],
  ['redis-tls', 'switch', 'cache.redis.tls', 'TLS to the Redis cache', noRedis, 'false'],
  ['token', 'text', 'server.token', 'secret of a matching server', noServer],
  ['token-header', 'text', 'server.token-header', 'header of that secret', noServer, 'Trivy-Token'],
  ['custom-headers', 'list', 'server.custom-headers', 'further headers to a matching server', noServer],
  ['module-dir', 'text', 'module.dir', 'folder of WASM modules', 'there are no modules'],
  ['misconfig-scanners', 'list', 'misconfiguration.scanners', 'kinds of configuration files to check', noChecks],
  [
    'checks-bundle-repository',
    'text',
    'misconfiguration.checks-bundle-repository',
    'registry of the bundle of checks',
    noChecks,
  ],
  ['skip-check-update', 'switch', 'rego.skip-check-update', 'use the checks that are there', noChecks, 'false'],
  ['config-data', 'list', 'rego.data', 'data for own checks', noChecks],
  ['check-namespaces', 'list', 'rego.namespaces', 'namespaces of own checks', noChecks],
  ['config-file-schemas', 'list', 'misconfiguration.config-file-schemas', 'JSON schemas for own checks', noChecks],
  ['include-deprecated-checks', 'switch', 'rego.include-deprecated-checks', 'run old checks too', noChecks, 'false'],
  ['rego-error-limit', 'int', 'rego.error-limit', 'compile errors of checks to put up with', noChecks, '10'],
  ['trace-rego', 'switch', 'rego.trace', 'print how checks decide', noChecks, 'false'],
  ['render-cause', 'list', 'misconfiguration.render-cause', 'show rendered configuration', noChecks],
  ['raw-config-scanners', 'list', 'misconfiguration.raw-config-scanners', 'scan configuration as it is', noChecks],
  [
    'tf-exclude-downloaded-modules',
    'switch',
    'misconfiguration.terraform.exclude-downloaded-modules',
    'leave downloaded Terraform modules out',
    noChecks,
    'false',
  ],
  ['ansible-extra-vars', 'list', 'ansible.extra-vars', 'variables for Ansible', noChecks],
  ['ansible-inventory', 'list', 'ansible.inventories', 'inventories for Ansible', noChecks],
  ['ansible-playbook', 'list', 'ansible.playbooks', 'playbooks for Ansible', noChecks],
  ['helm-api-versions', 'list', 'misconfiguration.helm.api-versions', 'API versions for Helm', noChecks],
  ['helm-kube-version', 'text', 'misconfiguration.helm.kube-version', 'Kubernetes version for Helm', noChecks],
  ['helm-set', 'list', 'misconfiguration.helm.set', 'values for Helm', noChecks],
  ['helm-set-file', 'list', 'misconfiguration.helm.set-file', 'values for Helm, from files', noChecks],
  ['helm-set-string', 'list', 'misconfiguration.helm.set-string', 'texts for Helm', noChecks],
  ['helm-values', 'list', 'misconfiguration.helm.values', 'files of values for Helm', noChecks],
];

const allowed: Readonly<Record<string, readonly string[]>> = {
  'misconfig-scanners': [
    'azure-arm',
    'cloudformation',
    'dockerfile',
    'helm',
    'kubernetes',
    'terraform',
    'terraformplan-json',
    'terraformplan-snapshot',
    'ansible',
  ],
  'render-cause': ['terraform', 'ansible'],
  'raw-config-scanners': ['terraform'],
};

/** Options of other scanners' set-ups that cannot change a result here: taken, checked for type, and said to do nothing. */
export const elsewhereOptions: readonly Option[] = rows.map(([name, type, key, summary, sentence, fallback]) => ({
  name,
  type,
  key,
  summary,
  sentence,
  fallback,
  group: 'noted',
  section: 'No effect here',
  values: Object.hasOwn(allowed, name) ? allowed[name] : undefined,
  range: type === 'int' ? [0, Number.MAX_SAFE_INTEGER] : undefined,
}));
