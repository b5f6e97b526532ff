import type { Context } from '../core/index.js';
import type { Reference } from '../reference/index.js';

/** What proves who we are to a registry. Never printed, logged or put into an error. */
export interface Credential {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** A refresh token, exchanged for access tokens (`identitytoken` of docker's file, `<token>` of helpers). */
  readonly identityToken?: string | undefined;
  /** Sent as the bearer token as it is. */
  readonly registryToken?: string | undefined;
}

/** A place that may have a credential for an image, and what it has. */
export interface ConsideredCredential {
  /** Where, in words: `--username`, `secret team/regcred in secret.yaml`, `docker config /root/.docker/config.json`. */
  readonly origin: string;
  /** The key that stands there, as written. */
  readonly key?: string | undefined;
  readonly matches: boolean;
  /** Why it matches or does not; one clause. */
  readonly why: string;
  /** The user name, where it is known without asking a helper. */
  readonly username?: string | undefined;
  /**
   * The credential; present if it matches. Of a helper it is asked now, and it may have none.
   * @throws CredentialError `HELPER_FAILED`, `HELPER_MISSING`, `CREDENTIAL_FILE_INVALID` for an entry that is broken
   */
  load?(context: Context): Promise<Credential | undefined>;
}

/** Where credentials come from. */
export interface CredentialSource {
  /**
   * Every place and key that was looked at for this image (its registry and repository), in the order in which the
   * matching ones are to be tried.
   * @throws CredentialError when a file that the user named cannot be used
   */
  consider(
    context: Context,
    image: Pick<Reference, 'registry' | 'repository'>,
  ): Promise<readonly ConsideredCredential[]>;
  /** Whether a request without a credential may follow when the matching ones are refused. The kubelet makes none. */
  readonly anonymousAfterRefusal: boolean;
}
