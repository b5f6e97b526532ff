import { messageOf, type LogLevel } from '../core/index.js';
import { readSecretNames } from '../pull-secrets/index.js';
import { ApiClient, checkNames } from './api-client.js';
import type { FindClusterAccess } from './cluster-access.js';
import { ClusterError } from './errors.js';
import { ReadCache } from './read-cache.js';
import { secretLoginsOf, type ReadLogins } from './secret-logins-of.js';

export interface PullSecretReaderOptions {
  readonly find: FindClusterAccess;
  readonly log: (level: LogLevel, message: string) => void;
  /** Milliseconds, never backwards; default: of this process. */
  readonly clock?: (() => number) | undefined;
  /** For one question; default 2,000. */
  readonly timeoutMs?: number | undefined;
  /** Told of every question that went to the API server. */
  readonly onRead?: ((result: ReadResult) => void) | undefined;
}

/** How a question ended. */
export type ReadResult = 'read' | 'missing' | 'forbidden' | 'failed';

/** Pull secrets of a cluster. What was read is remembered for ten seconds, failures for five. */
export interface PullSecretReader {
  /** What is in a Secret. @throws ClusterError */
  logins(namespace: string, name: string): Promise<ReadLogins>;
  /** Names in the `imagePullSecrets` of a service account, in order. @throws ClusterError */
  secretsOf(namespace: string, serviceAccount: string): Promise<readonly string[]>;
  /** Ends all connections. */
  close(): Promise<void>;
}

const bounds = {
  keepMs: 10_000,
  failureMs: 5000,
  maxEntries: 2000,
  maxBytes: 8 * 1024 * 1024,
  atOnce: 8,
  waiting: 1000,
  perGroup: 200,
} as const;

/** Opens no connection until it is asked. */
export function openPullSecretReader(options: PullSecretReaderOptions): PullSecretReader {
  const { find, log, timeoutMs, onRead, clock = () => performance.now() } = options;
  const client = new ApiClient({ find, log, clock, timeoutMs });
  const refusal = (): Error => new ClusterError('CLUSTER_UNREACHABLE', 'too many pull secrets are being read');
  const secrets = new ReadCache<ReadLogins>({ ...bounds, clock, refusal });
  const accounts = new ReadCache<readonly string[]>({ ...bounds, maxBytes: 1024 * 1024, clock, refusal });
  const told = async <Value>(read: () => Promise<Value>): Promise<Value> => {
    try {
      const value = await read();
      onRead?.('read');
      return value;
    } catch (thrown) {
      const result = resultOf(thrown);
      onRead?.(result);
      log(result === 'missing' ? 'debug' : 'warn', messageOf(thrown));
      throw thrown;
    }
  };
  return {
    async logins(namespace, name) {
      // Before anything is remembered of it: a name from a review is as long as who asks made it.
      checkNames('Secret', namespace, name);
      return await secrets.ask({ group: namespace, name }, async () => {
        const { text } = await told(() => client.read('Secret', namespace, name));
        const value = secretLoginsOf(text, `secret ${namespace}/${name}`);
        return { value, sizeBytes: sizeOf(value) };
      });
    },
    async secretsOf(namespace, serviceAccount) {
      checkNames('ServiceAccount', namespace, serviceAccount);
      return await accounts.ask({ group: namespace, name: serviceAccount }, async () => {
        const { object } = await told(() => client.read('ServiceAccount', namespace, serviceAccount));
        const names = readSecretNames(object['imagePullSecrets']);
        return { value: names, sizeBytes: names.join('').length };
      });
    },
    close: async () => await client.close(),
  };
}

function resultOf(thrown: unknown): ReadResult {
  const code = thrown instanceof ClusterError ? thrown.code : undefined;
  if (code === 'OBJECT_NOT_FOUND') return 'missing';
  return code === 'READ_FORBIDDEN' ? 'forbidden' : 'failed';
}

/** What is kept of it, roughly. */
function sizeOf(read: ReadLogins): number {
  if (read.kind !== 'logins') return 200 + 2 * read.why.length;
  return read.logins.reduce((sum, login) => sum + 200 + 2 * Object.values(login).join('').length, 200);
}
