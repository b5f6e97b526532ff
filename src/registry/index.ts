export { createRegistryClient } from './create-registry-client.js';
export { RegistryError, type RegistryErrorCode } from './errors.js';
export type {
  BlobSource,
  FetchBlobOptions,
  FetchedManifest,
  PushBlobOptions,
  PushedBlob,
  RegistryClient,
  RegistryOptions,
  Repository,
  TriedCredential,
  TriedCredentials,
} from './registry-client.js';
