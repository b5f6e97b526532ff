import { openAccess, type Access, type RegistryAccess } from '../access/index.js';
import type { DatabaseConnections, Patience } from '../advisories/index.js';

export interface ConnectionsForDatabases {
  /** How registries are reached. */
  readonly access: RegistryAccess;
  /**
   * Registries for which the user names and passwords that stand on the command line are meant. Any other is asked with
   * what files and helper programs have for it.
   */
  readonly knownTo: ReadonlySet<string>;
}

/** Connections for fetching databases, and what ends them. Nothing is loaded before the first request. */
export function openDatabaseConnections(
  options: ConnectionsForDatabases,
): DatabaseConnections & { close(): Promise<void> } {
  const { access, knownTo } = options;
  const { logins: _logins, registryToken: _token, ...forStrangers } = access;
  const opened = new Map<string, Access>();
  const open = (isKnown: boolean, { impatient }: Patience): Access => {
    const key = `${isKnown} ${impatient}`;
    const before = opened.get(key);
    if (before) return before;
    const chosen = isKnown ? access : forStrangers;
    const made = openAccess(impatient ? { ...chosen, impatient } : chosen);
    opened.set(key, made);
    return made;
  };
  return {
    http: async (patience) => await open(false, patience).http(),
    registry: async ({ registry }, patience) => await open(knownTo.has(registry), patience).registry(),
    async close() {
      for (const one of opened.values()) await one.close();
    },
  };
}
