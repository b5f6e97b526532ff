import type { OldName } from '../option.js';

/** Former and hidden names, kept so that scripts go on working. */
export const oldNames: readonly OldName[] = [
  { name: 'vuln-type', type: 'list', to: 'pkg-types', warns: true, key: 'vulnerability.type' },
  { name: 'security-checks', type: 'list', to: 'scanners', warns: true, key: 'scan.security-checks' },
  { name: 'skip-update', type: 'switch', to: 'skip-db-update', warns: true },
  { name: 'skip-policy-update', type: 'switch', to: 'skip-check-update', warns: true },
  { name: 'policy-bundle-repository', type: 'text', to: 'checks-bundle-repository', warns: true },
  { name: 'policy', type: 'list', to: 'config-check', warns: true },
  { name: 'config-policy', type: 'list', to: 'config-check', warns: true },
  { name: 'policy-namespaces', type: 'list', to: 'check-namespaces', warns: true },
  { name: 'trace', type: 'switch', to: 'trace-rego', warns: true },
  { name: 'data', type: 'list', to: 'config-data', warns: false },
  { name: 'namespaces', type: 'list', to: 'check-namespaces', warns: false },
  { name: 'slow', type: 'switch', to: 'parallel', value: '1', warns: true, key: 'scan.slow' },
  { name: 'light', type: 'switch', warns: true, noted: 'there is one kind of database', key: 'db.light' },
  { name: 'reset', type: 'switch', warns: false, gone: 'use tidewaiter clean --all' },
  { name: 'clear-cache', type: 'switch', warns: false, gone: 'use tidewaiter clean --scan-cache' },
  {
    name: 'reset-checks-bundle',
    type: 'switch',
    warns: false,
    gone: 'there is no bundle of checks to remove; leave it out',
  },
  {
    name: 'reset-policy-bundle',
    type: 'switch',
    warns: false,
    gone: 'there is no bundle of checks to remove; leave it out',
  },
  {
    name: 'trace-http',
    type: 'switch',
    warns: false,
    noted: 'requests are not printed, because they show who you are',
  },
  { name: 'path-prefix', type: 'text', warns: false, noted: 'no server does the matching' },
  { name: 'non-ssl', type: 'switch', to: 'insecure', value: 'true', warns: false, variableOnly: true },
];
