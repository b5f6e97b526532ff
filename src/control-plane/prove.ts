import type { Context } from '../core/index.js';
import { createHttpClient } from '../http/index.js';
import type { LiveTarget } from './examination.js';
import type { FaultList } from './fault.js';
import { askLive, type LiveAnswer, type LiveQuestion } from './live.js';

export interface ProveOptions {
  readonly userAgent: string;
  /** Images that must be allowed, and those that must be denied. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  /** The namespace that is asked for. */
  readonly namespace: string;
}

/** An image that no registry has: asked about where no image is named, only to see an answer. */
const anyImage = 'registry.invalid/tidewaiter/doctor:1';

/**
 * Asks a webhook over TLS, with the API server's own certificate and CA, about images that must be allowed and such that
 * must be denied.
 */
export async function proveLive(
  context: Context,
  { protocol, connection, timeoutSeconds }: LiveTarget,
  options: ProveOptions,
  faults: FaultList,
): Promise<readonly LiveAnswer[]> {
  const { url, place, caPem, insecure, certificate, key, authorization, serverName } = connection;
  const host = { ca: undefined, certificate, key, insecure, serverName };
  const client = createHttpClient({
    userAgent: options.userAgent,
    roots: caPem === undefined ? undefined : () => Promise.resolve([caPem]),
    hosts: new Map([[url.host, host]]),
  });
  const ask = (image: string, expected: LiveQuestion['expected']): Promise<LiveAnswer> =>
    askLive(
      context,
      client,
      { protocol, url, place, image, namespace: options.namespace, expected, authorization, timeoutSeconds },
      faults,
    );
  try {
    const answers: LiveAnswer[] = [];
    for (const image of options.allow) answers.push(await ask(image, 'allowed'));
    for (const image of options.deny) answers.push(await ask(image, 'denied'));
    if (answers.length === 0) answers.push(await ask(anyImage, undefined));
    if (options.allow.length === 0 || options.deny.length === 0) {
      const lacks =
        options.allow.length > 0
          ? '--deny-image'
          : options.deny.length > 0
            ? '--allow-image'
            : '--allow-image and --deny-image';
      faults.add('live-not-proved', place, { what: `nothing was named with ${lacks}` });
    }
    return answers;
  } finally {
    await client.close();
  }
}
