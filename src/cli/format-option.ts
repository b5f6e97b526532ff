import type { Option } from '../config/index.js';

/** `--format` of the commands that explain something. */
export const formatOption: Option = {
  name: 'format',
  short: 'f',
  type: 'text',
  fallback: 'table',
  values: ['table', 'json'],
  group: 'works',
  section: 'Report',
  summary: 'for people, or for programs',
};
