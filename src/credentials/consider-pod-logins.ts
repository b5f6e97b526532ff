import { createKeyring, redactKey } from '../pull-secrets/index.js';
import type { Reference } from '../reference/index.js';
import type { ConsideredCredential } from './credential.js';
import { sealCredential } from './seal.js';

/** An entry of a pull secret that a pod names, as the kubelet reads it. */
export interface PodLogin {
  /** As written there: a registry, an address, a pattern. */
  readonly key: string;
  readonly username: string;
  readonly password: string;
  /** The secret, for people: `secret shop/regcred`. */
  readonly origin: string;
}

/** What the entries have for an image, matched and ordered as the kubelet does it. */
export function considerPodLogins(
  logins: readonly PodLogin[],
): (image: Pick<Reference, 'registry' | 'repository'>) => readonly ConsideredCredential[] {
  const keyring = createKeyring(logins);
  return (image) =>
    keyring.consider(image).map(({ entry, matches, why }) => {
      const { origin, username, password } = entry;
      const considered = { origin, key: redactKey(entry.key), matches, why, username: username || undefined };
      return matches
        ? { ...considered, load: () => Promise.resolve(sealCredential({ username, password })) }
        : considered;
    });
}
