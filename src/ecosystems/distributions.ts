import { type Distribution, type DistributionMatching, majorOf, minorOf, type OsPurlRule } from './distribution.js';
import { endOfLifeDates } from './end-of-life-dates.js';
import { alpineBucket, ubuntuRelease } from './releases.js';

const apkMatching = {
  scheme: 'apk',
  lookedUp: 'source',
  compared: 'binary',
  shown: 'binary',
  withoutFix: 'silent',
  hasAffectedVersion: false,
  hasStatus: false,
  hasVendorIds: false,
  skipsThirdParty: true,
} as const satisfies Omit<DistributionMatching, 'bucket'>;

const dpkgMatching = {
  scheme: 'dpkg',
  lookedUp: 'source',
  compared: 'source',
  shown: 'binary',
  withoutFix: 'affected',
  hasAffectedVersion: false,
  hasStatus: false,
  hasVendorIds: false,
  skipsThirdParty: true,
} as const satisfies Omit<DistributionMatching, 'bucket'>;

/** Every distribution that we know by name, in the order of their families. */
export const distributions = [
  { family: 'activestate', purl: rpmPurl('activestate') },
  {
    family: 'alma',
    purl: rpmPurl('alma'),
    endOfLife: { keys: ({ name }) => [majorOf(name)], dates: endOfLifeDates.alma },
  },
  {
    family: 'alpine',
    purl: apkPurl('alpine'),
    endOfLife: { keys: ({ name }) => [minorOf(name)], dates: endOfLifeDates.alpine },
    matching: {
      ...apkMatching,
      bucket: alpineBucket,
      compared: 'source',
      withoutFix: 'affected',
      hasAffectedVersion: true,
    },
  },
  {
    family: 'amazon',
    purl: rpmPurl('amazon'),
    endOfLife: { keys: ({ name }) => [amazonRelease(name)], dates: endOfLifeDates.amazon },
  },
  { family: 'azurelinux', purl: rpmPurl('azurelinux') },
  {
    family: 'bottlerocket',
    purl: { type: 'bottlerocket', distro: ({ name }) => `bottlerocket-${name}` },
  },
  { family: 'cbl-mariner', purl: rpmPurl('cbl-mariner') },
  {
    family: 'centos',
    purl: rpmPurl('centos'),
    endOfLife: { keys: ({ name }) => [majorOf(name)], dates: endOfLifeDates.centos },
  },
  { family: 'centos-stream', purl: rpmPurl('centos-stream') },
  { family: 'chainguard', purl: apkPurl('chainguard'), matching: { ...apkMatching, bucket: () => 'chainguard' } },
  { family: 'coreos', purl: { type: 'coreos', distro: ({ name }) => `coreos-${name}` } },
  {
    family: 'debian',
    purl: debPurl('debian'),
    // The oldest releases are counted by their minor number.
    endOfLife: {
      keys: ({ name }) => [majorOf(name), minorOf(name), `${majorOf(name)}.0`],
      dates: endOfLifeDates.debian,
    },
    matching: {
      ...dpkgMatching,
      bucket: ({ operatingSystem }) => `debian ${majorOf(operatingSystem.name)}`,
      hasStatus: true,
      hasVendorIds: true,
      severitySource: 'debian',
    },
  },
  {
    family: 'echo',
    purl: debPurl('echo'),
    matching: {
      ...dpkgMatching,
      bucket: () => 'echo',
      shown: 'source',
      hasStatus: true,
      severitySource: 'echo',
      skipsThirdParty: false,
    },
  },
  { family: 'fedora', purl: rpmPurl('fedora') },
  { family: 'minimos', purl: apkPurl('minimos'), matching: { ...apkMatching, bucket: () => 'minimos' } },
  { family: 'opensuse', purl: rpmPurl('opensuse') },
  {
    family: 'opensuse-leap',
    purl: rpmPurl('opensuse-leap', 'opensuse'),
    endOfLife: { keys: ({ name }) => [name], dates: endOfLifeDates['opensuse-leap'] },
  },
  { family: 'opensuse-tumbleweed', purl: rpmPurl('opensuse-tumbleweed', 'opensuse') },
  {
    family: 'oracle',
    purl: rpmPurl('oracle'),
    endOfLife: { keys: ({ name }) => [majorOf(name)], dates: endOfLifeDates.oracle },
  },
  {
    family: 'photon',
    purl: rpmPurl('photon'),
    endOfLife: { keys: ({ name }) => [name], dates: endOfLifeDates.photon },
  },
  {
    family: 'redhat',
    purl: rpmPurl('redhat'),
    endOfLife: { keys: ({ name }) => [majorOf(name)], dates: endOfLifeDates.redhat },
  },
  {
    family: 'rocky',
    purl: rpmPurl('rocky'),
    endOfLife: { keys: ({ name }) => [majorOf(name)], dates: endOfLifeDates.rocky },
  },
  {
    family: 'slem',
    purl: rpmPurl('slem', 'suse'),
    endOfLife: { keys: ({ name }) => [name], dates: endOfLifeDates.slem },
  },
  {
    family: 'sles',
    purl: rpmPurl('sles', 'suse'),
    endOfLife: { keys: ({ name }) => [name], dates: endOfLifeDates.sles },
  },
  {
    family: 'ubuntu',
    purl: debPurl('ubuntu'),
    endOfLife: {
      keys: (operatingSystem, now) => [ubuntuRelease({ operatingSystem, now })],
      dates: endOfLifeDates.ubuntu,
    },
    matching: { ...dpkgMatching, bucket: (question) => `ubuntu ${ubuntuRelease(question)}` },
  },
  { family: 'wolfi', purl: apkPurl('wolfi'), matching: { ...apkMatching, bucket: () => 'wolfi' } },
] as const satisfies readonly Distribution[];

const byFamily: ReadonlyMap<string, Distribution> = new Map(distributions.map((record) => [record.family, record]));

/** The record of a family, as reports spell it. */
export function distributionOf(family: string): Distribution | undefined {
  return byFamily.get(family);
}

/** The names that `--distro` takes, sorted. */
export const families: readonly string[] = distributions.map((record) => record.family).toSorted();

function apkPurl(family: string): OsPurlRule {
  return { type: 'apk', namespace: family, distro: ({ name }) => name };
}

function debPurl(family: string): OsPurlRule {
  return { type: 'deb', namespace: family, distro: ({ name }) => `${family}-${name}` };
}

function rpmPurl(family: string, namespace: string = family): OsPurlRule {
  return { type: 'rpm', namespace, distro: ({ name }) => `${family}-${name}` };
}

/** `2 (Karoo)` is 2, `2023.3.20240108` is 2023, everything old is 1. */
function amazonRelease(name: string): string {
  const major = majorOf(name.split(' ', 1).join(''));
  return ['2', '2022', '2023'].includes(major) ? major : '1';
}
