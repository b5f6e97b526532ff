import type { Credential } from '../credentials/index.js';

const mostSecrets = 2_000;
const shortestHidden = 4;

/** Texts that must not be said again, whoever says them to us: servers repeat what they were sent. */
export class Secrets {
  readonly #texts = new Set<string>();

  /** What a credential is made of, and how it is sent. */
  addCredential({ username, password, identityToken, registryToken }: Credential): void {
    this.add(password, identityToken, registryToken);
    if (username !== undefined && password !== undefined) this.add(encodeBasic(username, password));
  }

  add(...texts: readonly (string | undefined)[]): void {
    for (const text of texts) {
      if (text === undefined || text.length < shortestHidden) continue;
      this.#texts.add(text);
      this.#texts.add(new URLSearchParams([['', text]]).toString().slice(1));
      while (this.#texts.size > mostSecrets) this.#forgetOldest();
    }
  }

  /** The text with every secret in it replaced. */
  hide(text: string): string {
    let shown = text;
    for (const secret of this.#texts) shown = shown.replaceAll(secret, '***');
    return shown;
  }

  #forgetOldest(): void {
    for (const oldest of this.#texts) {
      this.#texts.delete(oldest);
      return;
    }
  }
}

/** What follows `Basic `. */
export function encodeBasic(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}
