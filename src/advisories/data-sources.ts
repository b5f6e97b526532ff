import type { DataSource } from '../findings/index.js';

/** Id, name and address of every source that has one of each, as databases of this format spell them. */
const dataSources: readonly DataSource[] = [
  source('alma', 'AlmaLinux Product Errata', 'https://errata.almalinux.org/'),
  source('alpine', 'Alpine Secdb', 'https://secdb.alpinelinux.org/'),
  source('amazon', 'Amazon Linux Security Center', 'https://alas.aws.amazon.com/'),
  source('aqua', 'The Aqua Security Vulnerability Database', 'https://github.com/aquasecurity/vuln-list-aqua'),
  source('azure', 'Azure Linux Vulnerability Data', 'https://github.com/microsoft/AzureLinuxVulnerabilityData'),
  source('bitnami', 'Bitnami Vulnerability Database', 'https://github.com/bitnami/vulndb'),
  source('bottlerocket', 'Bottlerocket Security Advisories', 'https://advisories.bottlerocket.aws/updateinfo.xml.gz'),
  source('cbl-mariner', 'CBL-Mariner Vulnerability Data', 'https://github.com/microsoft/AzureLinuxVulnerabilityData'),
  source('chainguard', 'Chainguard Security Data', 'https://packages.cgr.dev/chainguard/security.json'),
  source('debian', 'Debian Security Tracker', 'https://salsa.debian.org/security-tracker-team/security-tracker'),
  source('echo', 'Echo', 'https://advisory.echohq.com/data.json'),
  source('glad', 'GitLab Advisory Database Community', 'https://gitlab.com/gitlab-org/advisories-community'),
  source('govulndb', 'The Go Vulnerability Database', 'https://pkg.go.dev/vuln/'),
  source('julia', 'Julia Ecosystem Security Advisories', 'https://github.com/JuliaLang/SecurityAdvisories.jl'),
  source(
    'k8s',
    'Official Kubernetes CVE Feed',
    'https://kubernetes.io/docs/reference/issues-security/official-cve-feed/index.json',
  ),
  source('minimos', 'MinimOS Security Data', 'https://packages.mini.dev/advisories/secdb/security.json'),
  source('nodejs-security-wg', 'Node.js Ecosystem Security Working Group', 'https://github.com/nodejs/security-wg'),
  source('oracle-oval', 'Oracle Linux OVAL definitions', 'https://linux.oracle.com/security/oval/'),
  source('photon', 'Photon OS CVE metadata', 'https://packages.broadcom.com/photon/photon_cve_metadata/'),
  source(
    'php-security-advisories',
    'PHP Security Advisories Database',
    'https://github.com/FriendsOfPHP/security-advisories',
  ),
  source('redhat-oval', 'Red Hat OVAL v2', 'https://www.redhat.com/security/data/oval/v2/'),
  source('rocky', 'Rocky Linux updateinfo', 'https://download.rockylinux.org/pub/rocky/'),
  source('ruby-advisory-db', 'Ruby Advisory Database', 'https://github.com/rubysec/ruby-advisory-db'),
  source('suse-cvrf', 'SUSE CVRF', 'https://ftp.suse.com/pub/projects/security/cvrf/'),
  source('ubuntu', 'Ubuntu CVE Tracker', 'https://git.launchpad.net/ubuntu-cve-tracker'),
  source('wolfi', 'Wolfi Secdb', 'https://packages.wolfi.dev/os/security.json'),
];

/** The source of this id; `ghsa` and other sources of several ecosystems are not in the table. */
export function dataSourceOf(id: string): DataSource | undefined {
  return dataSources.find((entry) => entry.id === id);
}

/** GitHub's advisories of one ecosystem, by GitHub's own name of it. */
export function githubSource(ecosystem: string): DataSource {
  const query = `type%3Areviewed+ecosystem%3A${ecosystem.toLowerCase()}`;
  return source('ghsa', `GitHub Security Advisory ${ecosystem}`, `https://github.com/advisories?query=${query}`);
}

/** Databases that publish OSV records under the common source id `osv`, by the prefix of their ids. */
export function osvSource(id: string): DataSource {
  const prefix = id.slice(0, Math.max(0, id.indexOf('-')));
  const known = Object.hasOwn(osvDatabases, prefix) ? osvDatabases[prefix] : undefined;
  const [name, url] = known ?? ['Open Source Vulnerabilities', 'https://osv.dev/'];
  return source('osv', name, url);
}

const osvDatabases: Readonly<Record<string, readonly [name: string, url: string] | undefined>> = {
  PYSEC: ['Python Packaging Advisory Database', 'https://github.com/pypa/advisory-database'],
  RUSTSEC: ['RustSec Advisory Database', 'https://github.com/RustSec/advisory-db'],
  MAL: ['OpenSSF Malicious Packages', 'https://github.com/ossf/malicious-packages'],
  EEF: ['Erlang Ecosystem Foundation', 'https://cna.erlef.org/osv/'],
};

function source(id: string, name: string, url: string): DataSource {
  return { id, name, url };
}
