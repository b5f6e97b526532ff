import { isTidewaiterError, messageOf, type Context } from '../core/index.js';
import type { Reference } from '../reference/index.js';
import { maxAuthFileBytes, parseAuthFile, type AuthFile } from './auth-file.js';
import type { ConsideredCredential, CredentialSource } from './credential.js';
import { CredentialError } from './errors.js';
import { considerAuthFile } from './consider-auth-file.js';
import { considerPodLogins, type PodLogin } from './consider-pod-logins.js';
import { considerSecrets, type SecretText } from './consider-secrets.js';
import { credentialFiles, type CredentialFile, type Environment } from './places.js';
import { readBounded } from './read-bounded.js';
import { sealCredential } from './seal.js';

type ImageName = Pick<Reference, 'registry' | 'repository'>;

/** Where to look for credentials. All members are optional; without any there are none. */
export interface CredentialOptions {
  /** Of the pull secrets of a pod: before all else, as the kubelet tries them before what its node has. */
  readonly podLogins?: readonly PodLogin[] | undefined;
  /** Offered to whatever registry is asked, before all else, in order. */
  readonly logins?: readonly { readonly username: string; readonly password: string }[] | undefined;
  /** Sent as the bearer token to whatever registry is asked. */
  readonly registryToken?: string | undefined;
  /** Kubernetes Secrets, matched to images as the kubelet does it. */
  readonly secrets?: readonly SecretText[] | undefined;
  /** Variables that tell where docker's and containers' files and helper programs are; absent: no file is read. */
  readonly environment?: Environment | undefined;
}

/**
 * The credentials of a machine and of what was given outright. They are considered in this order: what a pod brings, logins,
 * the registry token, Kubernetes Secrets, `DOCKER_AUTH_CONFIG`, containers' files, docker's file. Files are read when first
 * needed, and once.
 */
export function createCredentials(options: CredentialOptions): CredentialSource {
  const places: readonly Place[] = [
    ...podPlaces(options),
    considerGiven(options),
    ...(options.secrets && options.secrets.length > 0 ? [considerSecrets(options.secrets)] : []),
    ...(options.environment ? environmentPlaces(options.environment) : []),
  ];
  return {
    anonymousAfterRefusal: false,
    async consider(context, image) {
      const considered: ConsideredCredential[] = [];
      for (const place of places) considered.push(...(await place(context, image)));
      return considered;
    },
  };
}

type Place = (context: Context, image: ImageName) => Promise<readonly ConsideredCredential[]>;

function podPlaces({ podLogins = [] }: CredentialOptions): readonly Place[] {
  if (podLogins.length === 0) return [];
  const consider = considerPodLogins(podLogins);
  return [async (_, image) => consider(image)];
}

function considerGiven({ logins = [], registryToken }: CredentialOptions): Place {
  const given: ConsideredCredential[] = logins.map(({ username, password }) => ({
    origin: '--username',
    matches: true,
    why: 'it was given for every registry',
    username,
    load: async () => sealCredential({ username, password }),
  }));
  if (registryToken) {
    given.push({
      origin: '--registry-token',
      matches: true,
      why: 'it was given for every registry',
      load: async () => sealCredential({ registryToken }),
    });
  }
  return async () => given;
}

function environmentPlaces(environment: Environment): readonly Place[] {
  const files = credentialFiles(environment).map((file): Place => {
    const read = once((context) => readAuthFile(context, file));
    return async (context, image) => {
      const content = await read(context);
      return content === undefined ? [] : considerAuthFile(content, { ...file, environment }, image);
    };
  });
  const inline = environment.DOCKER_AUTH_CONFIG;
  return inline ? [inlinePlace(inline, environment), ...files] : files;
}

function inlinePlace(text: string, environment: Environment): Place {
  const origin = 'DOCKER_AUTH_CONFIG';
  const read = once(async (context) => parseOrWarn(context, text, { origin, named: false }));
  return async (context, image) => {
    const content = await read(context);
    return content === undefined
      ? []
      : considerAuthFile(content, { origin, rules: 'docker', named: false, environment }, image);
  };
}

async function readAuthFile(context: Context, file: CredentialFile): Promise<AuthFile | undefined> {
  let found: Awaited<ReturnType<typeof readBounded>>;
  try {
    found = await readBounded(file.path, maxAuthFileBytes);
  } catch (thrown) {
    return refuse(context, file, 'CREDENTIAL_FILE_UNREADABLE', messageOf(thrown));
  }
  if (found === undefined) {
    return file.named ? refuse(context, file, 'CREDENTIAL_FILE_UNREADABLE', 'there is no such file') : undefined;
  }
  if (found.openToOthers) context.log('debug', `others may read ${file.path}, which can hold passwords`);
  return parseOrWarn(context, found.text, file);
}

function parseOrWarn(
  context: Context,
  text: string,
  file: Pick<CredentialFile, 'origin' | 'named'>,
): AuthFile | undefined {
  try {
    return parseAuthFile(text);
  } catch (thrown) {
    if (isTidewaiterError(thrown)) throw thrown;
    return refuse(context, file, 'CREDENTIAL_FILE_INVALID', messageOf(thrown));
  }
}

/** An error for a file that the user named, a warning for one that happens to lie there. */
function refuse(
  context: Context,
  file: Pick<CredentialFile, 'origin' | 'named'>,
  code: 'CREDENTIAL_FILE_UNREADABLE' | 'CREDENTIAL_FILE_INVALID',
  why: string,
): undefined {
  const message = `cannot take credentials from ${file.origin}: ${why}`;
  if (!file.named) {
    context.log('warn', message);
    return undefined;
  }
  throw new CredentialError(code, message, { hint: 'correct the variable or the file' });
}

/** One reading for all who ask. A failed one is asked for again, as the first caller may have gone away. */
function once<T>(read: (context: Context) => Promise<T>): (context: Context) => Promise<T> {
  let reading: Promise<T> | undefined;
  return (context) => {
    const current = reading ?? read(context);
    reading = current;
    current.catch(() => {
      if (reading === current) reading = undefined;
    });
    return current;
  };
}
