import type { Option } from '../option.js';

/** How connections are made. */
export const connectionOptions: readonly Option[] = [
  {
    name: 'cacert',
    type: 'text',
    key: 'cacert',
    group: 'works',
    section: 'Registry',
    valueName: 'file',
    summary: 'further certificate authorities to trust, as PEM',
  },
  {
    name: 'insecure',
    type: 'switch',
    fallback: 'false',
    key: 'insecure',
    group: 'works',
    section: 'Registry',
    summary: 'allow plain HTTP, and certificates that nobody vouches for',
  },
  {
    name: 'offline',
    type: 'switch',
    fallback: 'false',
    key: 'offline',
    group: 'works',
    section: 'Registry',
    summary: 'open no connection of any kind',
  },
];

/** How registries are reached and who we are to them: the same for every command that asks one. */
export const registryOptions: readonly Option[] = [
  {
    name: 'username',
    type: 'list',
    key: 'registry.username',
    group: 'works',
    section: 'Registry',
    valueName: 'users',
    summary: 'users of the registries, each with a password',
  },
  {
    name: 'password',
    type: 'list',
    key: 'registry.password',
    group: 'works',
    section: 'Registry',
    valueName: 'passwords',
    exposed: 'use --password-stdin or the variable TIDEWAITER_PASSWORD',
    summary: 'their passwords, in the same order; better by the variable or from standard input',
  },
  {
    name: 'password-stdin',
    type: 'switch',
    fallback: 'false',
    key: 'registry.password-stdin',
    group: 'works',
    section: 'Registry',
    summary: 'read the password of the one user from standard input',
  },
  {
    name: 'registry-token',
    type: 'text',
    key: 'registry.token',
    group: 'works',
    section: 'Registry',
    valueName: 'token',
    exposed: 'use the variable TIDEWAITER_REGISTRY_TOKEN',
    summary: 'bearer token for the registry, sent as it is',
  },
  {
    name: 'registry-secret',
    type: 'list',
    key: 'registry.secret',
    group: 'works',
    section: 'Registry',
    valueName: 'files',
    summary:
      'docker-registry secrets of Kubernetes (YAML or JSON; - is standard input), matched to images as the kubelet does it',
  },
  ...connectionOptions,
];

/** A setting that only the configuration file has: a map of its own. */
export interface FileKey {
  /** Dotted path. */
  readonly key: string;
  /** One clause. */
  readonly summary: string;
}

/** What the configuration file says of single registries. */
export const registryFileKeys: readonly FileKey[] = [
  {
    key: 'registry.mirrors',
    summary: 'by registry: others to ask first, such as {docker.io: [mirror.example.com/hub]}',
  },
  {
    key: 'registry.aliases',
    summary: 'by registry: where it really is, such as {registry.example.com: "localhost:5000"}',
  },
  {
    key: 'registry.hosts',
    summary:
      'by host: files of its authorities, of our certificate and its key, such as {reg.example.com: {ca: ca.pem}}',
  },
];
