export { openAccess, type Access } from './open-access.js';
export type { HostAccess, RegistryAccess } from './registry-access.js';
