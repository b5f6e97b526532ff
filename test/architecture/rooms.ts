/**
 * Which rooms a room may import: the order of the house. A change here is a decision; its commit says why.
 * `pure` rooms import no `node:` module, directly or through another room: the same code judges in a browser.
 */
export interface Room {
  readonly mayImport: readonly string[];
  readonly pure?: true;
}

export const rooms: Readonly<Record<string, Room>> = {
  core: { mayImport: [], pure: true },
  reference: { mayImport: ['core'], pure: true },
  // formats decode bytes with bounds; oci checks documents with its JSON reader.
  formats: { mayImport: ['core'], pure: true },
  oci: { mayImport: ['core', 'reference', 'formats'], pure: true },
  versions: { mayImport: ['core'], pure: true },
  ecosystems: { mayImport: ['core', 'versions'], pure: true },
  findings: { mayImport: ['core', 'reference'], pure: true },
  // Large, and of use to few: apart from match, so that a scan does not load it.
  cvss: { mayImport: ['core', 'findings'], pure: true },
  cache: { mayImport: ['core', 'reference'] },
  // Apart from cache, whose entries may be gone at any time: what is lost here renews a grace.
  'first-seen': { mayImport: ['core', 'reference', 'formats'] },
  http: { mayImport: ['core'] },
  // What the kubelet makes of docker-registry secrets: pure, because admission asks it too.
  'pull-secrets': { mayImport: ['core', 'reference', 'formats'], pure: true },
  credentials: { mayImport: ['core', 'reference', 'formats', 'pull-secrets'] },
  registry: { mayImport: ['core', 'reference', 'oci', 'formats', 'http', 'credentials'] },
  // Plain settings in, connections out: so that neither scan nor advisories know how they are made.
  access: { mayImport: ['core', 'reference', 'http', 'pull-secrets', 'credentials', 'registry'] },
  image: { mayImport: ['core', 'reference', 'oci', 'formats', 'cache', 'http', 'registry'] },
  packages: { mayImport: ['core', 'ecosystems', 'versions', 'findings', 'formats', 'image'] },
  match: { mayImport: ['core', 'ecosystems', 'versions', 'findings'], pure: true },
  advisories: {
    mayImport: [
      'core',
      'reference',
      'oci',
      'ecosystems',
      'versions',
      'formats',
      'cache',
      'http',
      'registry',
      'match',
      'findings',
      'cvss',
    ],
  },
  // Which findings a report keeps: apart from policy, so that a scan does not load the document.
  screening: { mayImport: ['core', 'ecosystems', 'findings', 'formats'], pure: true },
  // A language of its own, with its libraries: loaded only where a policy has expressions.
  expressions: { mayImport: ['core', 'formats'], pure: true },
  policy: { mayImport: ['core', 'reference', 'findings', 'formats', 'expressions'], pure: true },
  // Judges texts and values: the same code will judge admission requests and files dropped on a page.
  manifest: { mayImport: ['core', 'reference', 'findings', 'formats'], pure: true },
  report: { mayImport: ['core', 'reference', 'ecosystems', 'findings', 'formats', 'screening'], pure: true },
  // From what was found to what a policy is asked about: the one way for commands and webhooks.
  subjects: { mayImport: ['core', 'reference', 'findings', 'formats', 'manifest', 'policy', 'report'], pure: true },
  scan: {
    mayImport: [
      'core',
      'reference',
      'ecosystems',
      'cache',
      'access',
      'image',
      'packages',
      'advisories',
      'match',
      'findings',
      'screening',
      'report',
    ],
  },
  // Decisions without sockets: what a review says in, what is answered out.
  admission: {
    mayImport: ['core', 'reference', 'formats', 'pull-secrets', 'manifest', 'policy', 'report', 'subjects'],
  },
  // Questions to a policy engine outside: apart from policy, which only judges what it answered.
  opa: { mayImport: ['core', 'reference', 'formats', 'http', 'policy', 'admission'] },
  config: {
    mayImport: [
      'core',
      'reference',
      'ecosystems',
      'findings',
      'formats',
      'access',
      'advisories',
      'screening',
      'scan',
      'report',
    ],
  },
  // Files of the API server and what is wrong with them; asks the webhook as it would.
  'control-plane': { mayImport: ['core', 'reference', 'formats', 'manifest', 'policy', 'http'] },
  // What is asked of a Kubernetes API server: apart from server, so that it is all that goes there, and can be read in one go.
  cluster: { mayImport: ['core', 'formats', 'http', 'pull-secrets'] },
  // Sockets, apart from what is answered: so that a decision is tested without one.
  server: {
    mayImport: [
      'core',
      'reference',
      'config',
      'manifest',
      'formats',
      'access',
      'advisories',
      'first-seen',
      'policy',
      'report',
      'scan',
      'subjects',
      'admission',
      'opa',
      'pull-secrets',
      'cluster',
    ],
  },
  cli: {
    mayImport: [
      'core',
      'reference',
      'oci',
      'versions',
      'ecosystems',
      'findings',
      'cvss',
      'formats',
      'cache',
      'first-seen',
      'http',
      'pull-secrets',
      'credentials',
      'registry',
      'access',
      'image',
      'packages',
      'advisories',
      'match',
      'screening',
      'policy',
      'report',
      'scan',
      'config',
      'manifest',
      'control-plane',
      'subjects',
      'admission',
      'opa',
      'cluster',
      'server',
    ],
  },
};
