import type { Credential } from './credential.js';

const hidden = '[credential]';

/** The same credential, which prints and serialises as a placeholder. Its members read as ever. */
export function sealCredential(credential: Credential): Credential {
  const sealed = { ...credential };
  Object.defineProperty(sealed, 'toJSON', { value: () => hidden });
  Object.defineProperty(sealed, Symbol.for('nodejs.util.inspect.custom'), { value: () => hidden });
  return sealed;
}
