import assert from 'node:assert/strict';
import test from 'node:test';
import { memoryAdvisories, type MemoryVulnerability } from '../../test/support/memory-advisories.js';
import { matchOsPackages } from './index.js';

interface Case {
  readonly what: string;
  readonly id?: string;
  readonly source?: { readonly id: string; readonly baseId?: string };
  readonly vulnerability?: MemoryVulnerability;
  readonly sources?: readonly string[];
  readonly severity?: number;
  readonly expected: readonly [severity: string, source: string | undefined];
}

const cases: readonly Case[] = [
  { what: 'no record', expected: ['UNKNOWN', undefined] },
  { what: 'no record, but the package has one', severity: 3, expected: ['HIGH', 'debian'] },
  {
    what: 'the distribution first',
    vulnerability: { vendorSeverity: { debian: 1, nvd: 4 } },
    expected: ['LOW', 'debian'],
  },
  {
    what: 'the base of a supplier before the supplier',
    source: { id: 'rootio', baseId: 'debian' },
    vulnerability: { vendorSeverity: { rootio: 4, debian: 1, nvd: 3 } },
    expected: ['LOW', 'debian'],
  },
  {
    what: 'UNKNOWN of the distribution stays',
    vulnerability: { vendorSeverity: { debian: 0, nvd: 4 } },
    expected: ['UNKNOWN', 'debian'],
  },
  {
    what: 'the national database',
    vulnerability: { vendorSeverity: { redhat: 4, nvd: 2 } },
    expected: ['MEDIUM', 'nvd'],
  },
  {
    what: 'GitHub does not count for a CVE',
    vulnerability: { vendorSeverity: { ghsa: 4, nvd: 2 } },
    expected: ['MEDIUM', 'nvd'],
  },
  {
    what: 'GitHub counts for its own ids',
    id: 'GHSA-jf85-cpcp-j695',
    vulnerability: { vendorSeverity: { ghsa: 4, nvd: 2 } },
    expected: ['CRITICAL', 'ghsa'],
  },
  {
    what: 'the single severity of old databases',
    vulnerability: { severity: 'HIGH', vendorSeverity: { redhat: 1 } },
    expected: ['HIGH', undefined],
  },
  {
    what: 'the single severity where the national database says UNKNOWN',
    vulnerability: { severity: 'LOW', vendorSeverity: { nvd: 0 } },
    expected: ['LOW', undefined],
  },
  { what: 'others do not count', vulnerability: { vendorSeverity: { redhat: 4 } }, expected: ['UNKNOWN', undefined] },
  {
    what: 'vectors alone give no severity',
    vulnerability: { cvss: { nvd: { v3Score: 9.8 } } },
    expected: ['UNKNOWN', undefined],
  },
  {
    what: 'a named source',
    sources: ['redhat'],
    vulnerability: { vendorSeverity: { redhat: 4, debian: 1 } },
    expected: ['CRITICAL', 'redhat'],
  },
  {
    what: 'a named source that says UNKNOWN',
    sources: ['redhat', 'nvd'],
    vulnerability: { vendorSeverity: { redhat: 0, nvd: 3 } },
    expected: ['UNKNOWN', 'redhat'],
  },
  {
    what: 'the next named source',
    sources: ['redhat', 'nvd'],
    vulnerability: { vendorSeverity: { nvd: 3 } },
    expected: ['HIGH', 'nvd'],
  },
  {
    what: 'no named source, and the single severity does not count',
    sources: ['redhat'],
    vulnerability: { severity: 'HIGH', vendorSeverity: { nvd: 3 } },
    expected: ['UNKNOWN', undefined],
  },
  {
    what: 'auto ends the list',
    sources: ['redhat', 'auto', 'alpine'],
    vulnerability: { vendorSeverity: { alpine: 3 } },
    expected: ['UNKNOWN', undefined],
  },
  {
    what: 'the package wins over every source',
    sources: ['nvd'],
    severity: 1,
    vulnerability: { vendorSeverity: { debian: 4, nvd: 4 } },
    expected: ['LOW', 'debian'],
  },
  {
    what: 'a severity that does not exist is none',
    severity: 9,
    vulnerability: { vendorSeverity: { nvd: 2 } },
    expected: ['MEDIUM', 'nvd'],
  },
  {
    what: 'names of a record are no names of an object',
    sources: ['constructor', '__proto__', 'toString'],
    vulnerability: { vendorSeverity: { nvd: 2 } },
    expected: ['UNKNOWN', undefined],
  },
];

test('which severity a finding has', () => {
  for (const {
    what,
    id = 'CVE-1',
    source = { id: 'debian' },
    vulnerability,
    sources = ['auto'],
    severity,
    expected,
  } of cases) {
    const index = memoryAdvisories({
      buckets: { 'debian 10': { bash: { [id]: { severity } } } },
      dataSources: { 'debian 10': { name: '', url: '', ...source } },
      vulnerabilities: vulnerability ? { [id]: vulnerability } : {},
    });
    const { findings } = matchOsPackages(
      index,
      { operatingSystem: { family: 'debian', name: '10' }, packages: [{ id: 'bash', name: 'bash', version: '1' }] },
      { severitySources: sources, now: new Date(0) },
    );
    assert.deepEqual([findings[0]?.severity, findings[0]?.severitySource], expected, what);
  }
});
