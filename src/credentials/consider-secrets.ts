import { isTidewaiterError, type Context } from '../core/index.js';
import { createSecretKeyring, readPullSecrets, redactKey, type SecretKeyring } from '../pull-secrets/index.js';
import type { Reference } from '../reference/index.js';
import type { ConsideredCredential } from './credential.js';
import { CredentialError } from './errors.js';
import { sealCredential } from './seal.js';

/** The text of a file with Secrets, and its name for people. */
export interface SecretText {
  readonly name: string;
  readonly text: string;
}

/**
 * What the Secrets of all files together have for an image, as the kubelet of a pod that lists them in this order would
 * see it.
 * @throws CredentialError `SECRET_UNUSABLE`
 */
export function considerSecrets(
  files: readonly SecretText[],
): (context: Context, image: Pick<Reference, 'registry' | 'repository'>) => Promise<readonly ConsideredCredential[]> {
  let keyring: SecretKeyring | undefined;
  return async (context, image) => {
    keyring ??= readKeyring(context, files);
    return keyring.consider(image).map(({ entry, matches, why }) => {
      const { username, password } = entry;
      const key = redactKey(entry.key);
      const considered = { origin: entry.secret.origin, key, matches, why, username: username || undefined };
      return matches ? { ...considered, load: async () => sealCredential({ username, password }) } : considered;
    });
  };
}

function readKeyring(context: Context, files: readonly SecretText[]): SecretKeyring {
  const secrets = files.flatMap((file) => {
    const { secrets: found, notes } = readSecrets(file);
    for (const note of notes) context.log('debug', `${file.name}: ${note}`);
    return found;
  });
  const keyring = createSecretKeyring(secrets);
  const [fault] = keyring.faults;
  if (fault) {
    const where = fault.key === undefined ? '' : ` (entry "${redactKey(fault.key)}")`;
    throw new CredentialError(
      'SECRET_UNUSABLE',
      `the kubelet would use none of the secrets: in ${fault.secret.origin}${where} ${fault.reason}`,
      {
        hint: 'tidewaiter secret show FILE tells what is wrong with a secret',
      },
    );
  }
  const [passed] = keyring.passedOver;
  if (passed && keyring.passedOver.length === secrets.length) {
    throw new CredentialError('SECRET_UNUSABLE', `the kubelet would not use ${passed.secret.origin}: ${passed.why}`, {
      hint: 'tidewaiter secret show FILE tells what is wrong with a secret',
    });
  }
  for (const { secret, why } of keyring.passedOver) context.log('warn', `${secret.origin} is passed over: ${why}`);
  return keyring;
}

function readSecrets(file: SecretText): ReturnType<typeof readPullSecrets> {
  try {
    return readPullSecrets(file.text, file.name);
  } catch (thrown) {
    if (!isTidewaiterError(thrown)) throw thrown;
    throw new CredentialError('SECRET_UNUSABLE', thrown.message, { hint: thrown.hint });
  }
}
