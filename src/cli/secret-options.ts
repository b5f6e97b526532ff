import type { Option, Section } from '../config/index.js';

const section: Section = 'Secret';
const printsOnly = 'the secret is only printed; kubectl apply -f - creates it';

/** The flags of `kubectl create secret docker-registry`, and ours. */
export const secretCreateOptions: readonly Option[] = [
  {
    name: 'docker-server',
    type: 'text',
    fallback: 'https://index.docker.io/v1/',
    group: 'works',
    section,
    valueName: 'server',
    summary: 'registry that the credential is for',
  },
  {
    name: 'docker-username',
    type: 'text',
    inEnvironment: true,
    group: 'works',
    section,
    valueName: 'user',
    summary: 'user; asked for on a terminal',
  },
  {
    name: 'docker-password',
    type: 'text',
    inEnvironment: true,
    group: 'works',
    section,
    valueName: 'password',
    exposed: 'use --docker-password-stdin or the variable TIDEWAITER_DOCKER_PASSWORD',
    summary: 'password; asked for on a terminal, where it does not appear',
  },
  {
    name: 'docker-password-stdin',
    type: 'switch',
    fallback: 'false',
    group: 'works',
    section,
    summary: 'read the password from standard input',
  },
  {
    name: 'docker-email',
    type: 'text',
    inEnvironment: true,
    group: 'works',
    section,
    valueName: 'address',
    summary: 'mail address; no registry asks for it any more',
  },
  {
    name: 'from-file',
    type: 'list',
    group: 'works',
    section,
    valueName: '[key=]path',
    summary: "take a file as it is, mostly docker's config.json, in place of user and password",
  },
  {
    name: 'append-hash',
    type: 'switch',
    fallback: 'false',
    group: 'works',
    section,
    summary: 'append a hash of the content to the name',
  },
  {
    name: 'namespace',
    short: 'n',
    type: 'text',
    group: 'works',
    section,
    valueName: 'name',
    summary: 'namespace to write into the secret',
  },
  {
    name: 'output',
    short: 'o',
    type: 'text',
    fallback: 'yaml',
    values: ['yaml', 'json', 'name'],
    group: 'works',
    section,
    summary: 'form of what is printed',
  },
  {
    name: 'save-config',
    type: 'switch',
    fallback: 'false',
    group: 'works',
    section,
    summary: 'keep the whole secret in the annotation that kubectl apply compares with',
  },
  {
    name: 'type',
    type: 'text',
    fallback: 'kubernetes.io/dockerconfigjson',
    values: ['kubernetes.io/dockerconfigjson'],
    group: 'works',
    section,
    summary: 'type of the secret; there is one for registries',
  },
  {
    name: 'dry-run',
    type: 'text',
    bare: 'client',
    fallback: 'client',
    values: ['client'],
    refusedValues: {
      server: 'would send it to a cluster, which is not done here; pipe it to kubectl apply --dry-run=server -f -',
      none: 'would create it in a cluster, which is not done here; pipe it to kubectl apply -f -',
    },
    group: 'works',
    section,
    summary: 'client: nothing is ever sent to a cluster',
  },
  ...flagsWithoutEffect(),
  ...flagsOfOtherSecrets(),
];

function flagsWithoutEffect(): readonly Option[] {
  const rows: readonly (readonly [name: string, type: Option['type'], summary: string, why: string])[] = [
    ['field-manager', 'text', 'name of who owns the fields', printsOnly],
    ['validate', 'text', 'how a cluster checks the secret', printsOnly],
    ['show-managed-fields', 'switch', 'print who owns the fields', 'a secret that is in no cluster has no such owners'],
    ['allow-missing-template-keys', 'switch', 'pass over what a template lacks', 'no template is used'],
    ['kubeconfig', 'text', 'how to reach a cluster', printsOnly],
    ['context', 'text', 'which cluster', printsOnly],
    ['cluster', 'text', 'which cluster', printsOnly],
    ['user', 'text', 'who asks the cluster', printsOnly],
  ];
  return rows.map(([name, type, summary, sentence]) => ({
    name,
    type,
    summary,
    sentence,
    bare: name === 'validate' ? 'strict' : undefined,
    fallback: type === 'switch' ? String(name === 'allow-missing-template-keys') : undefined,
    group: 'noted',
    section: 'No effect here',
  }));
}

function flagsOfOtherSecrets(): readonly Option[] {
  const rows: readonly (readonly [name: string, type: Option['type'], summary: string, instead: string])[] = [
    ['template', 'text', 'print the secret through a template', 'use -o json and take the part that you need'],
    ['from-literal', 'list', 'make a secret of other values', 'use kubectl create secret generic --dry-run=client'],
    ['from-env-file', 'list', 'make a secret of variables', 'use kubectl create secret generic --dry-run=client'],
    ['cert', 'text', 'make a secret of a certificate', 'use kubectl create secret tls --dry-run=client'],
    ['key', 'text', 'make a secret of a certificate', 'use kubectl create secret tls --dry-run=client'],
  ];
  return rows.map(([name, type, summary, sentence]) => ({
    name,
    type,
    summary,
    sentence,
    group: 'refused',
    section: 'Not here yet',
  }));
}
