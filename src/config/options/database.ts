import type { Option } from '../option.js';

/** Where vulnerability databases are fetched from. */
export const databaseRepositoryOption: Option = {
  name: 'db-repository',
  type: 'list',
  key: 'db.repository',
  group: 'works',
  section: 'Database',
  valueName: 'places',
  summary:
    'repositories to fetch the database from, tried in order, or the address of a file or folder (https://host/db.tar.gz); default: the public ones',
};

/** The database that was named. */
export const databaseOption: Option = {
  name: 'db',
  type: 'text',
  key: 'db.path',
  group: 'works',
  section: 'Database',
  valueName: 'path',
  summary: 'database file, or folder that holds trivy.db, to use instead of the installed one',
};

/** Which vulnerability database. */
export const databaseOptions: readonly Option[] = [
  databaseOption,
  databaseRepositoryOption,
  {
    name: 'java-db-repository',
    type: 'list',
    key: 'db.java-repository',
    group: 'refused',
    section: 'Not here yet',
    summary: 'download the index of Java archives from these registries',
    sentence: 'leave it out: Java archives are not read here yet',
  },
  {
    name: 'skip-db-update',
    type: 'switch',
    fallback: 'false',
    key: 'db.skip-update',
    group: 'works',
    section: 'Database',
    summary: 'use the database that is there, however old it is',
  },
  {
    name: 'skip-java-db-update',
    type: 'switch',
    fallback: 'false',
    key: 'db.java-skip-update',
    group: 'noted',
    section: 'No effect here',
    summary: 'use the index of Java archives that is there',
    sentence: 'no index of Java archives is downloaded',
  },
  {
    name: 'download-db-only',
    type: 'switch',
    fallback: 'false',
    key: 'db.download-only',
    group: 'works',
    section: 'Database',
    summary: 'download the vulnerability database if a newer one is due, and scan nothing',
  },
  {
    name: 'download-java-db-only',
    type: 'switch',
    fallback: 'false',
    key: 'db.download-java-only',
    group: 'refused',
    section: 'Not here yet',
    summary: 'download the index of Java archives and scan nothing',
    sentence: 'leave it out: Java archives are not read here yet',
  },
];
