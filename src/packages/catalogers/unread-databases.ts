import type { Cataloger, CatalogProblem } from '../cataloger.js';

/** Package databases that exist and that no cataloger reads yet, with what they are. */
const databases: ReadonlyMap<string, string> = new Map([
  ['var/lib/rpm/Packages', 'rpm database (Berkeley DB)'],
  ['var/lib/rpm/Packages.db', 'rpm database (NDB)'],
  ['var/lib/rpm/rpmdb.sqlite', 'rpm database (SQLite)'],
  ['usr/lib/sysimage/rpm/Packages', 'rpm database (Berkeley DB)'],
  ['usr/lib/sysimage/rpm/Packages.db', 'rpm database (NDB)'],
  ['usr/lib/sysimage/rpm/rpmdb.sqlite', 'rpm database (SQLite)'],
  ['usr/share/rpm/rpmdb.sqlite', 'rpm database (SQLite)'],
  ['var/lib/rpmmanifest/container-manifest-2', 'rpm manifest of a distroless image'],
  [
    'aarch64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json',
    'Bottlerocket inventory',
  ],
  [
    'x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json',
    'Bottlerocket inventory',
  ],
]);

/** Says of databases that cannot be read that they cannot: an image that has one must never look clean. */
export const unreadDatabases = {
  id: 'unread-databases',
  version: 1,
  kind: 'os',
  tells: 'packages',
  maxBytes: 0,
  wants: (path) => databases.has(path),
  start() {
    const found = new Set<string>();
    return {
      file() {},
      present: (path) => found.add(path),
      finish: () => ({ problems: Array.from(found, unsupported) }),
    };
  },
} as const satisfies Cataloger;

function unsupported(path: string): CatalogProblem {
  const what = databases.get(path) ?? 'package database';
  const reason = `the ${what} is not read by this version: none of its packages was assessed`;
  return { code: 'PACKAGE_DATABASE_UNSUPPORTED', path, reason };
}
