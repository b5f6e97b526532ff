export type { HostAccess, RegistryAccess } from './registry-access.js';
