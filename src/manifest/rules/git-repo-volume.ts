import { asArray, asObject } from '../../formats/index.js';
import { quoted } from '../analysis/quoted.js';
import type { Hit, PodRule } from '../analysis/rule.js';

export const gitRepoVolume: PodRule = {
  id: 'TW-K081',
  name: 'git-repo-volume',
  severity: 'HIGH',
  scope: 'pod',
  title: 'A volume is filled by git on the node',
  why: 'Whoever keeps the repository can run programs as root on the node (CVE-2024-10220); newer versions refuse the volume.',
  fix: 'fetch the repository in an init container into an emptyDir',
  check: ({ spec }) =>
    (asArray(spec.volumes) ?? []).flatMap((item, at): Hit[] => {
      const volume = asObject(item);
      if (volume?.gitRepo === undefined || volume.gitRepo === null) return [];
      const repository = asObject(volume.gitRepo)?.repository;
      return [{ path: ['volumes', at, 'gitRepo'], message: `gitRepo is ${quoted(repository)}` }];
    }),
};
