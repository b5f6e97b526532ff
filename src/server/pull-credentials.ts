import { createHmac, randomBytes } from 'node:crypto';
import type { ImageCredentials, PullScope } from '../admission/index.js';
import type { ClusterLogin, PullSecretReader } from '../cluster/index.js';
import { messageOf } from '../core/index.js';
import { createKeyring, type Keyring } from '../pull-secrets/index.js';
import type { Reference } from '../reference/index.js';

export interface PullCredentialsOptions {
  readonly reader: Pick<PullSecretReader, 'logins' | 'secretsOf'>;
  /** Whose pull secrets count for an ImageReview, which names none; absent: nobody's. */
  readonly imageReviewAccount: string | undefined;
}

/** Pull secrets that one pod may name, and entries in all of them together; honest pods have a handful. */
const maxSecrets = 50;
const maxLogins = 500;

/** All that the pull secrets of one pod have. */
interface PodKeyring {
  readonly keyring: Keyring<ClusterLogin>;
  readonly problems: readonly string[];
  readonly isLarge: boolean;
}

/** What pods may show to registries: what their pull secrets have, as the kubelet would read it. */
export class PullCredentials {
  readonly #options: PullCredentialsOptions;
  /** A pod asks for each of its images. */
  readonly #keyrings = new WeakMap<PullScope, Promise<PodKeyring>>();
  readonly #hashKey = randomBytes(32);

  constructor(options: PullCredentialsOptions) {
    this.#options = options;
  }

  /**
   * What matches the image. A secret that is missing, may not be read or is of another type is told and passed over.
   * @throws Error where one is broken in a way with which the kubelet pulls nothing at all
   */
  async credentialsFor({ registry, repository }: Reference, scope: PullScope): Promise<ImageCredentials> {
    let asked = this.#keyrings.get(scope);
    if (!asked) this.#keyrings.set(scope, (asked = this.#open(scope)));
    const { keyring, problems, isLarge } = await asked;
    // A thousand images times as many entries take a second, in which others want to be answered.
    if (isLarge) await new Promise<void>((resolve) => setImmediate(resolve));
    const logins = keyring.lookup({ registry, repository });
    if (logins.length > 0) return { key: this.#keyOf(logins), logins, problems };
    const none = 'no pull secret of the pod is for it (its node may have credentials of its own)';
    return { key: '', logins, problems: [...problems, none] };
  }

  async #open(scope: PullScope): Promise<PodKeyring> {
    const problems: string[] = [];
    const names = await this.#namesIn(scope, problems);
    if (names.length > maxSecrets) problems.push(`only the first ${maxSecrets} pull secrets of the pod are looked at`);
    const looked = names.slice(0, maxSecrets);
    const read = await Promise.all(looked.map((name) => this.#read(scope.namespace, name)));
    const logins: ClusterLogin[] = [];
    for (const one of read) {
      if (typeof one === 'string') problems.push(one);
      else logins.push(...one);
    }
    if (logins.length > maxLogins) {
      problems.push(`the pull secrets of the pod have more than ${maxLogins} entries; the rest is passed over`);
    }
    return { keyring: createKeyring(logins.slice(0, maxLogins)), problems, isLarge: logins.length > 20 };
  }

  async #namesIn({ namespace, secrets, serviceAccount }: PullScope, problems: string[]): Promise<readonly string[]> {
    if (secrets && secrets.length > 0) return secrets;
    const account = secrets ? serviceAccount : this.#options.imageReviewAccount;
    if (account === undefined) return [];
    try {
      return await this.#options.reader.secretsOf(namespace, account);
    } catch (error) {
      problems.push(messageOf(error));
      return [];
    }
  }

  /** The entries of a secret, or why it is passed over. */
  async #read(namespace: string, name: string): Promise<readonly ClusterLogin[] | string> {
    let read: Awaited<ReturnType<PullSecretReader['logins']>>;
    try {
      read = await this.#options.reader.logins(namespace, name);
    } catch (error) {
      return messageOf(error);
    }
    const what = `the pull secret ${namespace}/${name}`;
    switch (read.kind) {
      case 'logins':
        return read.logins;
      case 'passed over':
        return `${what} is passed over: ${read.why}`;
      case 'broken':
        throw new Error(`the kubelet would pull nothing because of ${what}: ${read.why}`);
    }
  }

  /** Tells credentials apart, and nobody what they are. */
  #keyOf(logins: readonly ClusterLogin[]): string {
    const texts = logins.map(({ key, username, password }) => [key, username, password]);
    return createHmac('sha256', this.#hashKey).update(JSON.stringify(texts)).digest('base64url');
  }
}
