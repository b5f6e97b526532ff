import {
  readDockerConfig,
  type ConfigFault,
  type DockerConfig,
  type DockerConfigForm,
  type RegistryLogin,
} from './docker-config.js';
import { createKeyring, type Keyring } from './keyring.js';
import { dockerCfg, dockerConfigJson, type PullSecret } from './pull-secret.js';

/** What the kubelet takes from one Secret. */
export type SecretReading =
  | { readonly usable: true; readonly form: DockerConfigForm; readonly config: DockerConfig }
  /** The kubelet passes it over; one clause. */
  | { readonly usable: false; readonly why: string };

/** What stands under a key of one of several Secrets. */
export interface SecretLogin extends RegistryLogin {
  readonly secret: PullSecret;
}

/** What the kubelet makes of all pull secrets of a pod together. */
export interface SecretKeyring extends Keyring<SecretLogin> {
  readonly logins: readonly SecretLogin[];
  /**
   * Not empty when something is wrong in any of the secrets: then the kubelet pulls with none of them, and not without
   * either.
   */
  readonly faults: readonly (ConfigFault & { readonly secret: PullSecret })[];
  /** Secrets that the kubelet passes over, and why. */
  readonly passedOver: readonly { readonly secret: PullSecret; readonly why: string }[];
}

/** Reads one Secret as the kubelet does: by its type, and the one key that goes with it. */
export function readSecretLogins(secret: PullSecret): SecretReading {
  const wanted = [dockerConfigJson, dockerCfg].find(({ type }) => type === secret.type);
  if (!wanted)
    return { usable: false, why: `its type is ${secret.typeWritten ? secret.type : 'Opaque, as it names none'}` };
  const value = secret.data.get(wanted.key);
  if (!value) return { usable: false, why: `it has no key "${wanted.key}", which goes with its type` };
  if ('fault' in value) return { usable: false, why: `its "${wanted.key}" cannot be read: ${value.fault}` };
  if (value.bytes.length === 0) return { usable: false, why: `its "${wanted.key}" is empty` };
  const form = wanted === dockerCfg ? 'dockercfg' : 'dockerconfigjson';
  return { usable: true, form, config: readDockerConfig(value.bytes, form) };
}

/** The keyring of a pod's pull secrets, in the order in which the pod lists them. */
export function createSecretKeyring(secrets: readonly PullSecret[]): SecretKeyring {
  const logins: SecretLogin[] = [];
  const faults: (ConfigFault & { readonly secret: PullSecret })[] = [];
  const passedOver: { readonly secret: PullSecret; readonly why: string }[] = [];
  for (const secret of secrets) {
    const reading = readSecretLogins(secret);
    if (!reading.usable) {
      passedOver.push({ secret, why: reading.why });
      continue;
    }
    faults.push(...reading.config.faults.map((fault) => ({ ...fault, secret })));
    logins.push(...reading.config.logins.map((login) => ({ ...login, secret })));
  }
  return { ...createKeyring(logins), logins, faults, passedOver };
}
