import { readRegistryAccess, registryFiles, type Settings } from '../config/index.js';
import type { RegistryAccess } from '../access/index.js';
import { credentialFiles } from '../credentials/index.js';
import { Watched, type WatchedOptions } from '../server/index.js';

/** How registries are reached, read again when a file changes that says so, those of docker and podman, too. */
export async function watchRegistryAccess(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
  log: WatchedOptions<unknown>['log'],
): Promise<Watched<RegistryAccess>> {
  const stdin = readAgain(process.stdin);
  const own = credentialFiles(environment).map(({ path }) => path);
  return await Watched.open({
    what: 'the access to registries',
    paths: [...registryFiles(settings), ...own],
    load: async () => await readRegistryAccess(settings, environment, stdin),
    log,
  });
}

/** A stream that can be read once, for those who read it again: what they get is what the first one took. */
function readAgain(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const taken: Uint8Array[] = [];
  let isRead = false;
  return {
    async *[Symbol.asyncIterator]() {
      if (isRead) return yield* taken;
      isRead = true;
      for await (const chunk of stream) {
        taken.push(chunk);
        yield chunk;
      }
    },
  };
}
