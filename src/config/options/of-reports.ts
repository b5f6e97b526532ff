import { severities } from '../../findings/index.js';
import type { Option } from '../option.js';

const report = { group: 'works', section: 'Report' } as const;

/** Of every command that writes a report. */
export const outputOption = {
  name: 'output',
  short: 'o',
  type: 'text',
  valueName: 'file',
  summary: 'write the report to this file instead of standard output',
  ...report,
} as const satisfies Option;

export const incompleteOption = {
  name: 'incomplete',
  type: 'text',
  fallback: 'fail',
  values: ['fail', 'allow'],
  key: 'incomplete',
  summary: 'what to do when something could not be assessed: fail (exit code 3) or allow (still reported)',
  ...report,
} as const satisfies Option;

export const exitCodeOption = {
  name: 'exit-code',
  type: 'int',
  fallback: '0',
  range: [0, 255],
  key: 'exit-code',
  summary: 'fail with this exit code when anything is reported',
  ...report,
} as const satisfies Option;

export const showSuppressedOption = {
  name: 'show-suppressed',
  type: 'switch',
  fallback: 'false',
  key: 'scan.show-suppressed',
  summary: 'show what exceptions took away',
  ...report,
} as const satisfies Option;

export const severityOption = {
  name: 'severity',
  short: 's',
  type: 'list',
  fallback: severities.join(','),
  values: severities,
  key: 'severity',
  group: 'works',
  section: 'Selection',
  summary: 'severities to report',
} as const satisfies Option;
