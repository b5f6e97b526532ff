import { type Context, isTidewaiterError, messageOf } from '../core/index.js';
import type { ConsideredCredential, Credential, CredentialSource } from '../credentials/index.js';
import type { Repository } from './registry-client.js';
import type { Secrets } from './secrets.js';
import { printable } from './words.js';

/** One way to go to a registry: with a credential, or as nobody in particular. */
export interface Candidate {
  /** Position in the order of trying. */
  readonly index: number;
  /** Absent: nobody in particular. */
  readonly credential: Credential | undefined;
  readonly considered: ConsideredCredential | undefined;
}

/** A matching place that turned out to have nothing to show. */
export interface EmptyPlace {
  readonly considered: ConsideredCredential;
  /** Why: what its helper said. */
  readonly why: string;
}

type Loaded = { readonly credential: Credential } | { readonly why: string };

/** The credentials that match names, each looked up once. */
export class Candidates {
  readonly #source: CredentialSource;
  readonly #secrets: Secrets;
  readonly #considered = new Map<string, Promise<readonly ConsideredCredential[]>>();
  readonly #loaded = new Map<ConsideredCredential, Promise<Loaded>>();

  constructor(source: CredentialSource, secrets: Secrets) {
    this.#source = source;
    this.#secrets = secrets;
  }

  get anonymousAfterRefusal(): boolean {
    return this.#source.anonymousAfterRefusal;
  }

  /** The places that match, in order. @throws CredentialError */
  async matching(context: Context, name: Repository): Promise<readonly ConsideredCredential[]> {
    const key = `${name.registry}/${name.repository}`;
    return await this.#once(this.#considered, key, async () => {
      const considered = await this.#source.consider(context, name);
      return considered.filter((each) => each.matches && each.load !== undefined);
    });
  }

  /** What a matching place has. A helper that fails is told of once, and is no reason to stop. */
  async load(context: Context, considered: ConsideredCredential): Promise<Loaded> {
    return await this.#once(this.#loaded, considered, async () => {
      try {
        const credential = await considered.load?.(context);
        if (credential === undefined) return { why: 'it has none' };
        this.#secrets.addCredential(credential);
        return { credential };
      } catch (error) {
        if (!isTidewaiterError(error)) throw error;
        const why = printable(messageOf(error));
        context.log('warn', `no credential from ${considered.origin}: ${why}`);
        return { why };
      }
    });
  }

  /** The first candidate at `from` or behind it; past the credentials stands nobody in particular, if `anonymous`. */
  async next(
    context: Context,
    name: Repository,
    { from, anonymous }: { readonly from: number; readonly anonymous: boolean },
  ): Promise<Candidate | undefined> {
    const places = await this.matching(context, name);
    for (let index = from; index < places.length; index++) {
      const considered = places[index];
      const loaded = considered && (await this.load(context, considered));
      if (considered && loaded && 'credential' in loaded) return { index, considered, credential: loaded.credential };
    }
    const last = places.length;
    return anonymous && from <= last ? { index: last, considered: undefined, credential: undefined } : undefined;
  }

  /** Places that match and have nothing. */
  async empty(context: Context, name: Repository): Promise<readonly EmptyPlace[]> {
    const empty: EmptyPlace[] = [];
    for (const considered of await this.matching(context, name)) {
      const loaded = await this.load(context, considered);
      if ('why' in loaded) empty.push({ considered, why: loaded.why });
    }
    return empty;
  }

  /** Of several who ask at once, one does the work. What failed is tried again by the next who asks. */
  async #once<Key, Value>(kept: Map<Key, Promise<Value>>, key: Key, make: () => Promise<Value>): Promise<Value> {
    for (let there = kept.get(key); there; there = kept.get(key)) {
      try {
        return await there;
      } catch {
        // Perhaps only they were told to stop: now it is our turn.
        if (kept.get(key) === there) kept.delete(key);
      }
    }
    const made = make();
    kept.set(key, made);
    try {
      return await made;
    } catch (error) {
      if (kept.get(key) === made) kept.delete(key);
      throw error;
    }
  }
}
