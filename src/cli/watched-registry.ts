import { ConfigError, readRegistryAccess, registryFiles, type Settings } from '../config/index.js';
import type { RegistryAccess } from '../access/index.js';
import { createContext, messageOf } from '../core/index.js';
import { createCredentials, credentialFiles } from '../credentials/index.js';
import { Watched, type WatchedOptions } from '../server/index.js';

/** How registries are reached, read again when a file changes that says so, those of docker and podman, too. */
export async function watchRegistryAccess(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
  log: WatchedOptions<unknown>['log'],
): Promise<Watched<RegistryAccess>> {
  const stdin = readAgain(process.stdin);
  const own = credentialFiles(environment).map(({ path }) => path);
  // What happens to lie there broken at the start keeps neither the server from starting nor others from being read again.
  let tolerated = await ownFilesProblem(environment).catch(messageOf);
  return await Watched.open({
    what: 'the access to registries',
    paths: [...registryFiles(settings), ...own],
    load: async () => {
      const access = await readRegistryAccess(settings, environment, stdin);
      const problem = await ownFilesProblem(environment).catch(messageOf);
      if (problem !== undefined && problem !== tolerated) throw new ConfigError('FILE_INVALID', problem);
      tolerated = problem;
      return access;
    },
    log,
  });
}

/** Why a file of docker or podman that is there cannot be used. @throws CredentialError where it was named */
async function ownFilesProblem(environment: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  const problems: string[] = [];
  const context = createContext({
    log: (level, message) => {
      if (level === 'warn') problems.push(message);
    },
  });
  await createCredentials({ environment }).consider(context, { registry: 'registry.invalid', repository: 'none' });
  return problems[0];
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
