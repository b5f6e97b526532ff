import { hostPathsOf, isWindowsPath } from '../analysis/host-paths.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, PodRule } from '../analysis/rule.js';

export const hostPathEscape: PodRule = {
  id: 'TW-K032',
  name: 'host-path-escape',
  severity: 'MEDIUM',
  scope: 'pod',
  title: 'A path on the node goes upwards',
  why: 'The path hides where it leads; the API server refuses it in most versions.',
  fix: 'write the path without ".."',
  check: (pod) =>
    hostPathsOf(pod)
      .filter(({ text }) => /(?:^|[\\/])\.\.(?:[\\/]|$)/.test(text) || (!text.startsWith('/') && !isWindowsPath(text)))
      .map(({ path, text, clean }): Hit => {
        const message = `${quoted(text)} means ${quoted(clean)} on the node`;
        return { path, message, effective: { value: clean, from: 'pod' } };
      }),
};
