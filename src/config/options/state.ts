import type { Option } from '../option.js';

/** Where that is kept which is not made again: of `admission serve`, and of commands that judge as it does. */
export const stateDirOption: Option = {
  name: 'state-dir',
  type: 'text',
  key: 'admission.state-dir',
  group: 'works',
  section: 'Admission',
  valueName: 'dir',
  summary:
    "keep here when vulnerabilities were first seen (graceFrom: firstSeen); default: tidewaiter in the user's state folder",
};
