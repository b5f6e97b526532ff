import { severities } from '../../findings/index.js';
import type { Option } from '../option.js';
import { exitCodeOption, incompleteOption, outputOption, severityOption, showSuppressedOption } from './of-reports.js';

/** What `tidewaiter manifest` understands beside the general options. */
export const manifestOptions: readonly Option[] = [
  {
    name: 'format',
    short: 'f',
    type: 'text',
    fallback: 'table',
    values: ['table', 'json', 'kubesec'],
    group: 'works',
    section: 'Report',
    summary: "table for people; json: everything, with a schema; kubesec: the JSON of kubesec's scan",
  },
  outputOption,
  {
    ...exitCodeOption,
    summary: 'fail with this exit code: for any finding, or for what --fail-on and --min-level say',
  },
  {
    name: 'fail-on',
    type: 'text',
    values: severities,
    key: 'manifest.fail-on',
    group: 'works',
    section: 'Report',
    valueName: 'severity',
    summary: 'fail for findings of this severity and worse',
  },
  {
    name: 'min-level',
    type: 'text',
    values: ['baseline', 'restricted'],
    key: 'manifest.min-level',
    group: 'works',
    section: 'Report',
    valueName: 'level',
    summary: 'fail for workloads below this level of the Pod Security Standards',
  },
  incompleteOption,
  { ...showSuppressedOption, summary: 'show what annotations and comments took away' },
  severityOption,
  {
    name: 'rule',
    type: 'list',
    group: 'works',
    section: 'Selection',
    valueName: 'rules',
    summary: 'ask these rules only, by id (TW-K001) or name; with --format kubesec its own ids',
  },
  {
    name: 'ignore',
    type: 'list',
    key: 'manifest.ignore',
    group: 'works',
    section: 'Selection',
    valueName: 'rules',
    summary: 'do not ask these rules',
  },
  {
    name: 'kubernetes-version',
    type: 'text',
    key: 'manifest.kubernetes-version',
    group: 'works',
    section: 'Selection',
    valueName: 'version',
    summary: "the cluster's version (1.33): which APIs and Pod Security Standards count; default: the newest known",
  },
  {
    name: 'fix',
    type: 'switch',
    fallback: 'false',
    group: 'works',
    section: 'Fixes',
    summary: 'mend what can be mended without knowing more, in the files; standard input is printed mended',
  },
  {
    name: 'diff',
    type: 'switch',
    fallback: 'false',
    group: 'works',
    section: 'Fixes',
    summary: 'print what --fix would change as a unified diff, and change nothing',
  },
];

/** What `tidewaiter manifest images` understands beside the general options. */
export const manifestImagesOptions: readonly Option[] = [
  {
    name: 'format',
    short: 'f',
    type: 'text',
    fallback: 'table',
    values: ['table', 'json', 'text'],
    group: 'works',
    section: 'Report',
    summary: 'table for people, json for programs, text: each canonical name once, one a line',
  },
  outputOption,
  incompleteOption,
];
