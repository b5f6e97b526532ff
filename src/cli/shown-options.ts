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

/** `--db` of the commands that tell of the database that a scan would use. */
export const databaseOption: Option = {
  name: 'db',
  type: 'text',
  key: 'db.path',
  group: 'works',
  section: 'Database',
  valueName: 'path',
  summary: 'tell of this database file, or folder that holds trivy.db, instead of the installed one',
};
