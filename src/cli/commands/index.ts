import type { CommandEntry } from '../command.js';

/** Every command, in the order of the help text; a command's file is loaded when it is run or explained. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'image',
    aliases: ['i'],
    summary: 'find known vulnerabilities in a container image',
    load: async () => (await import('./image.js')).image,
  },
  {
    name: 'manifest',
    aliases: [],
    summary: 'find risks in resource definitions of Kubernetes, and mend them',
    load: async () => (await import('./manifest.js')).manifest,
  },
  {
    name: 'manifest images',
    aliases: [],
    summary: 'list every image that manifests name',
    load: async () => (await import('./manifest-images.js')).manifestImages,
  },
  {
    name: 'check',
    aliases: [],
    summary: 'judge images, archives, manifests and reports by a policy',
    load: async () => (await import('./check.js')).check,
  },
  {
    name: 'policy lint',
    aliases: [],
    summary: 'tell what is wrong with a policy, and what is odd in it',
    load: async () => (await import('./policy-lint.js')).policyLint,
  },
  {
    name: 'policy explain',
    aliases: [],
    summary: 'tell what a policy demands, and what it says of a name',
    load: async () => (await import('./policy-explain.js')).policyExplain,
  },
  {
    name: 'policy test',
    aliases: [],
    summary: 'try a policy on cases that say what should come of them',
    load: async () => (await import('./policy-test.js')).policyTest,
  },
  {
    name: 'ref',
    aliases: [],
    summary: 'explain image names: registry, repository, tag, digest, official or not',
    load: async () => (await import('./ref.js')).ref,
  },
  {
    name: 'secret create',
    aliases: [],
    summary: 'make a docker-registry secret of Kubernetes, as kubectl makes it',
    load: async () => (await import('./secret-create.js')).secretCreate,
  },
  {
    name: 'secret show',
    aliases: [],
    summary: 'decode a docker-registry secret, without its passwords, and tell what is wrong with it',
    load: async () => (await import('./secret-show.js')).secretShow,
  },
  {
    name: 'secret check',
    aliases: [],
    summary: 'tell whether an image can be pulled with a docker-registry secret',
    load: async () => (await import('./secret-check.js')).secretCheck,
  },
  {
    name: 'auth explain',
    aliases: [],
    summary: 'tell which credential an image is asked for with, and why',
    load: async () => (await import('./auth-explain.js')).authExplain,
  },
  {
    name: 'login',
    aliases: [],
    summary: 'log in to a registry, for docker and others too',
    load: async () => (await import('./login.js')).login,
  },
  {
    name: 'logout',
    aliases: [],
    summary: 'forget the login to a registry',
    load: async () => (await import('./logout.js')).logout,
  },
  {
    name: 'db update',
    aliases: [],
    summary: 'fetch the newest vulnerability database and install it',
    load: async () => (await import('./db-update.js')).dbUpdate,
  },
  {
    name: 'db build',
    aliases: [],
    summary: 'make a vulnerability database from advisories on disk',
    load: async () => (await import('./db-build.js')).dbBuild,
  },
  {
    name: 'db import',
    aliases: [],
    summary: 'install a vulnerability database from a file',
    load: async () => (await import('./db-import.js')).dbImport,
  },
  {
    name: 'db push',
    aliases: [],
    summary: 'put a vulnerability database into a registry, for others to fetch',
    load: async () => (await import('./db-push.js')).dbPush,
  },
  {
    name: 'db info',
    aliases: [],
    summary: 'tell which vulnerability database is used, and what it covers',
    load: async () => (await import('./db-info.js')).dbInfo,
  },
  {
    name: 'admission doctor',
    aliases: [],
    summary: 'find what is wrong with a set-up of image admission, explain a log, prove a webhook',
    load: async () => (await import('./admission-doctor.js')).admissionDoctor,
  },
  {
    name: 'kubesec',
    aliases: [],
    summary: 'what kubesec says of Kubernetes manifests, with its command line and exit codes',
    load: async () => (await import('./kubesec.js')).kubesec,
  },
  {
    name: 'clean',
    aliases: [],
    summary: 'remove kept facts and installed databases',
    load: async () => (await import('./clean.js')).clean,
  },
  {
    name: 'version',
    aliases: [],
    summary: 'print the version, and which databases are installed',
    load: async () => (await import('./version.js')).version,
  },
];
