export type { LoggedRequest } from './access-log.js';
export type { Action, AuthOptions } from './authorization.js';
export type { Fault, Faults } from './faults.js';
export type { TlsOptions } from './listener.js';
export { type RegistryServer, type RegistryServerOptions, startRegistry } from './start-registry.js';
export {
  blobSource,
  noise,
  offering,
  offeringFor,
  readAll,
  testClient,
  type TestClient,
  type TestClientOptions,
} from './test-client.js';
