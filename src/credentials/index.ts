export type { ConsideredCredential, Credential, CredentialSource } from './credential.js';
