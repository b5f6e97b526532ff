/** Where ids of a kind are explained, by how they begin; case counts. */
const byPrefix: readonly (readonly [prefix: string, url: (id: string) => string])[] = [
  ['CVE-', (id) => `https://avd.aquasec.com/nvd/${id.toLowerCase()}`],
  ['RUSTSEC-', (id) => `https://osv.dev/vulnerability/${id}`],
  ['GHSA-', (id) => `https://github.com/advisories/${id}`],
  ['TEMP-', (id) => `https://security-tracker.debian.org/tracker/${id}`],
];

/** How the references that a data source itself keeps begin, the best first. */
const bySource: Readonly<Record<string, readonly string[]>> = {
  debian: ['http://www.debian.org', 'https://www.debian.org'],
  ubuntu: ['http://www.ubuntu.com', 'https://usn.ubuntu.com'],
  redhat: ['https://access.redhat.com'],
  'suse-cvrf': ['http://lists.opensuse.org', 'https://lists.opensuse.org'],
  'oracle-oval': ['http://linux.oracle.com/errata', 'https://linux.oracle.com/errata'],
  'nodejs-security-wg': ['https://www.npmjs.com', 'https://hackerone.com'],
  'ruby-advisory-db': ['https://groups.google.com'],
};

/** The one page to send a reader to; `undefined` where none is known. */
export function primaryUrlOf(
  vulnerabilityId: string,
  references: readonly string[] | undefined,
  sourceId: string | undefined,
): string | undefined {
  const known = byPrefix.find(([prefix]) => vulnerabilityId.startsWith(prefix));
  if (known) return known[1](vulnerabilityId);
  if (sourceId === undefined || !Object.hasOwn(bySource, sourceId)) return undefined;
  for (const start of bySource[sourceId] ?? []) {
    const found = references?.find((reference) => reference.startsWith(start));
    if (found !== undefined) return found;
  }
  return undefined;
}
