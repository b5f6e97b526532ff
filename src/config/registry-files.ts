import { asObject, asString } from '../formats/index.js';
import type { Settings } from './settings.js';

/** The files that `readRegistryAccess` reads by these settings, so that they can be watched. */
export function registryFiles(settings: Settings): readonly string[] {
  const cacert = settings.text('cacert');
  const hosts = Object.values(asObject(settings.fromFile('registry.hosts')?.value) ?? {}).flatMap((host) => {
    const { ca, cert, key } = asObject(host) ?? {};
    return [ca, cert, key].flatMap((path) => asString(path) ?? []);
  });
  const secrets = settings.list('registry-secret').filter((name) => name !== '-');
  return [...secrets, ...(cacert === undefined ? [] : [cacert]), ...hosts];
}
