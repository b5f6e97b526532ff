export * from './describe-key.js';
export * from './docker-config.js';
export * from './errors.js';
export * from './explain-key.js';
export * from './keyring.js';
export * from './read-secrets.js';
export * from './secret-logins.js';
export * from './make-secret.js';
