export { createCredentials, type CredentialOptions } from './create-credentials.js';
export type { PodLogin } from './consider-pod-logins.js';
export type { ConsideredCredential, Credential, CredentialSource } from './credential.js';
export { credentialFiles } from './places.js';
export { CredentialError, type CredentialErrorCode } from './errors.js';
export {
  eraseCredential,
  storeCredential,
  type ErasedCredential,
  type StoredCredential,
  type StoreOptions,
} from './store-credential.js';
