import type { Option } from '../option.js';
import { databaseOptions } from './database.js';
import { imageOptions } from './image.js';
import { noOpaOption, opaOptions } from './opa.js';
import { registryOptions } from './registry.js';
import { runOptions } from './general.js';
import { selectionOptions } from './selection.js';
import { stateDirOption } from './state.js';

const formatOption: Option = {
  name: 'format',
  short: 'f',
  type: 'text',
  fallback: 'table',
  values: ['table', 'json'],
  group: 'works',
  section: 'Report',
  summary: 'for people, or for programs',
};

const outputOption: Option = {
  name: 'output',
  short: 'o',
  type: 'text',
  group: 'works',
  section: 'Report',
  valueName: 'file',
  summary: 'write to this file instead of standard output',
};

const nowOption: Option = {
  name: 'now',
  type: 'text',
  group: 'works',
  section: 'Selection',
  valueName: 'date',
  summary: 'judge as if it were this day (2027-01-31): what hardens, what has ended by then',
};

const namespaceOption: Option = {
  name: 'namespace',
  short: 'n',
  type: 'text',
  group: 'works',
  section: 'Selection',
  valueName: 'name',
  summary: 'the namespace of images, and of objects that name none; without it, rules for namespaces are not assessed',
};

/** Of `policy lint`. */
export const policyLintOptions: readonly Option[] = [
  formatOption,
  outputOption,
  nowOption,
  {
    name: 'strict',
    type: 'switch',
    fallback: 'false',
    group: 'works',
    section: 'Report',
    summary: 'fail (exit code 1) for warnings too',
  },
];

/** Of `policy explain`. */
export const policyExplainOptions: readonly Option[] = [formatOption, outputOption, nowOption, namespaceOption];

/** Of `policy test`. */
export const policyTestOptions: readonly Option[] = [
  formatOption,
  outputOption,
  {
    name: 'policy',
    type: 'text',
    group: 'works',
    section: 'Selection',
    valueName: 'file',
    summary: 'try the cases on this policy instead of their own',
  },
];

/** What `tidewaiter image` has and a policy says itself, or that belongs to its report alone. */
const notOfCheck: ReadonlySet<string> = new Set([
  'input',
  'download-db-only',
  'download-java-db-only',
  'generate-default-config',
  'scanners',
]);

/** Of `check`: how images are found and scanned is said as for `image`. */
export const checkOptions: readonly Option[] = [
  {
    name: 'policy',
    type: 'text',
    key: 'policy.file',
    group: 'works',
    section: 'Selection',
    valueName: 'file',
    summary: 'the policy to judge by',
  },
  {
    name: 'no-scan',
    type: 'switch',
    fallback: 'false',
    group: 'works',
    section: 'Selection',
    summary: 'look at names and manifests only; rules that need a scan make the verdict incomplete',
  },
  namespaceOption,
  {
    name: 'labels',
    type: 'list',
    group: 'works',
    section: 'Selection',
    valueName: 'key=value',
    summary: 'labels of the pods in which images would run; without them, rules for labels are not assessed',
  },
  {
    name: 'as',
    type: 'text',
    group: 'works',
    section: 'Selection',
    valueName: 'image',
    summary: 'judge archives and reports under this name; without it, rules over names are not assessed for archives',
  },
  nowOption,
  stateDirOption,
  {
    name: 'exit-code',
    type: 'int',
    fallback: '1',
    range: [0, 255],
    key: 'exit-code',
    group: 'works',
    section: 'Report',
    summary: 'exit with this code when the verdict fails',
  },
  formatOption,
  outputOption,
  ...opaOptions,
  noOpaOption,
  ...[...imageOptions, ...selectionOptions, ...databaseOptions, ...registryOptions, ...runOptions].filter(
    ({ name, group }) => group === 'works' && !notOfCheck.has(name),
  ),
];
