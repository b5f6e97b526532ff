import { openAccess, type Access, type RegistryAccess } from '../access/index.js';
import type { DatabaseConnections } from '../advisories/index.js';

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
  let known: Access | undefined;
  let stranger: Access | undefined;
  const forStrangers = (): Access => {
    const { logins: _logins, registryToken: _token, ...rest } = access;
    return (stranger ??= openAccess(rest));
  };
  return {
    http: async () => await forStrangers().http(),
    registry: async ({ registry }) => {
      const opened = knownTo.has(registry) ? (known ??= openAccess(access)) : forStrangers();
      return await opened.registry();
    },
    async close() {
      await known?.close();
      await stranger?.close();
    },
  };
}
