import { formatPlatform } from '../reference/index.js';
import type { Candidate } from './candidate.js';

/** One item of a medium's top list: an image of one platform, or an index of several. */
export interface Root {
  /** The name that items of one image for several platforms share. */
  readonly key: string | undefined;
  readonly names: readonly string[];
  /** Digest of the item: the same one listed twice is one image with two names. */
  readonly id: string;
  readonly members: readonly Omit<Candidate, 'group' | 'names'>[];
}

interface Group {
  readonly key: string | undefined;
  readonly ids: Set<string>;
  readonly names: Set<string>;
  readonly members: Omit<Candidate, 'group' | 'names'>[];
}

/**
 * Tells several images from one image for several platforms: items of one name (or of none) whose platforms differ are
 * one image.
 */
export function groupImages(roots: readonly Root[]): readonly Candidate[] {
  const groups: Group[] = [];
  for (const root of roots) {
    const same = groups.find((group) => group.ids.has(root.id));
    const joined = same ?? groups.find((group) => group.key === root.key && !sharePlatform(group, root));
    const group = joined ?? { key: root.key, ids: new Set(), names: new Set(), members: [] };
    if (!joined) groups.push(group);
    if (!same) group.members.push(...root.members);
    group.ids.add(root.id);
    for (const name of root.names) group.names.add(name);
  }
  return groups.flatMap(({ names, members }, group) =>
    members.map((member) => ({ ...member, group, names: [...names] })),
  );
}

function sharePlatform(group: Group, root: Root): boolean {
  const taken = new Set(group.members.map((member) => platformKey(member)));
  return root.members.some((member) => taken.has(platformKey(member)));
}

function platformKey({ platform }: Pick<Candidate, 'platform'>): string {
  return `${formatPlatform(platform)} ${platform.osVersion ?? ''}`;
}
