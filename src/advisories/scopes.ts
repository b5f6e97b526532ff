import type { DataSource } from '../findings/index.js';
import type { SchemeId } from '../versions/index.js';
import { dataSourceOf, githubSource, osvSource } from './data-sources.js';

/** A package ecosystem of the language buckets, whose names are `<prefix>::<name of the data source>`. */
export interface LanguageEcosystem {
  readonly prefix: string;
  /** GitHub's name of it, as bucket names spell it. */
  readonly github: string;
  /** The ecosystem's name in OSV records. */
  readonly osv: string;
  /** How its versions compare, where we can. */
  readonly scheme?: SchemeId | undefined;
}

export const languageEcosystems: readonly LanguageEcosystem[] = [
  { prefix: 'bitnami', github: 'Bitnami', osv: 'Bitnami' },
  { prefix: 'cargo', github: 'Rust', osv: 'crates.io', scheme: 'npm' },
  { prefix: 'composer', github: 'Composer', osv: 'Packagist' },
  { prefix: 'conan', github: 'Conan', osv: 'ConanCenter' },
  { prefix: 'erlang', github: 'Erlang', osv: 'Hex' },
  { prefix: 'go', github: 'Go', osv: 'Go' },
  { prefix: 'julia', github: 'Julia', osv: 'Julia' },
  { prefix: 'k8s', github: 'Kubernetes', osv: 'Kubernetes' },
  { prefix: 'maven', github: 'Maven', osv: 'Maven' },
  { prefix: 'npm', github: 'npm', osv: 'npm', scheme: 'npm' },
  { prefix: 'nuget', github: 'NuGet', osv: 'NuGet' },
  { prefix: 'pip', github: 'pip', osv: 'PyPI', scheme: 'pep440' },
  { prefix: 'pub', github: 'Pub', osv: 'Pub' },
  { prefix: 'rubygems', github: 'RubyGems', osv: 'RubyGems' },
  { prefix: 'swift', github: 'Swift', osv: 'SwiftURL' },
];

const unchanged: ReadonlySet<string> = new Set(['go', 'cocoapods', 'julia']);

/** A package name as the language buckets of this prefix spell it. */
export function normalizePackageName(prefix: string, name: string): string {
  if (unchanged.has(prefix)) return name;
  if (prefix === 'swift') return name.replace(/^https:\/\//, '').replace(/\.git$/, '');
  const lower = name.toLowerCase();
  return prefix === 'pip' ? lower.replaceAll('_', '-') : lower;
}

/** The feed of a language advisory, told from the form of its id. */
export function languageSource(ecosystem: LanguageEcosystem, id: string): DataSource {
  if (id.startsWith('GHSA-')) return githubSource(ecosystem.github);
  const prefix = id.slice(0, Math.max(0, id.indexOf('-')));
  const own = Object.hasOwn(ownSources, prefix) ? ownSources[prefix] : undefined;
  return (own && dataSourceOf(own)) || osvSource(id);
}

const ownSources: Readonly<Record<string, string | undefined>> = { GO: 'govulndb', BIT: 'bitnami', JLSEC: 'julia' };

/** A distribution as OSV records name it, and where its advisories go. */
export interface DistributionRelease {
  readonly bucket: string;
  readonly sourceId: string;
  readonly scheme: SchemeId;
  /** Which fixed version is kept when several errata fix the same flaw of the same package. */
  readonly keep: 'lowest' | 'highest';
}

/** The release that an OSV ecosystem (`AlmaLinux:8`, `Debian:11`) means; `undefined` where there is no bucket for it. */
export function distributionOfOsv(ecosystem: string): DistributionRelease | undefined {
  const [name = '', ...rest] = ecosystem.split(':');
  const release = rest.join(':');
  switch (name) {
    case 'AlmaLinux':
      return rpm(`alma ${major(release)}`, 'alma', release);
    case 'Rocky Linux':
      return rpm(`rocky ${major(release)}`, 'rocky', release);
    case 'Alpine':
      return versioned(`alpine ${release.replace(/^v/, '')}`, 'alpine', 'apk', release);
    case 'Debian':
      return versioned(`debian ${major(release)}`, 'debian', 'dpkg', release);
    case 'Ubuntu':
      return ubuntu(rest);
    case 'Wolfi':
      return { bucket: 'wolfi', sourceId: 'wolfi', scheme: 'apk', keep: 'highest' };
    case 'Chainguard':
      return { bucket: 'chainguard', sourceId: 'chainguard', scheme: 'apk', keep: 'highest' };
    case 'MinimOS':
      return { bucket: 'minimos', sourceId: 'minimos', scheme: 'apk', keep: 'highest' };
    case 'Echo':
      return { bucket: 'echo', sourceId: 'echo', scheme: 'dpkg', keep: 'highest' };
    case 'Photon OS':
      return rpm(`Photon OS ${release}`, 'photon', release);
    case 'Azure Linux':
      return rpm(`Azure Linux ${release.includes('.') ? release : `${release}.0`}`, 'azure', release);
    case 'openSUSE':
      return /^(?:Leap(?: Micro)? \d+\.\d+|Tumbleweed)$/.test(release)
        ? rpm(`openSUSE ${release}`, 'suse-cvrf', release)
        : undefined;
    case 'SUSE':
      return suse(release);
    default:
      return undefined;
  }
}

/** `22.04:LTS`, `24.10`, and `Pro:18.04:LTS` for the extended maintenance. */
function ubuntu(parts: readonly string[]): DistributionRelease | undefined {
  const extended = parts[0] === 'Pro' || parts[0] === 'FIPS' || parts[0] === 'FIPS-updates';
  if (extended && parts[0] !== 'Pro') return undefined;
  const release = parts.find((part) => /^\d+\.\d+$/.test(part)) ?? '';
  return versioned(`ubuntu ${release}${extended ? '-ESM' : ''}`, 'ubuntu', 'dpkg', release);
}

/** `Linux Enterprise Server 15 SP4`, and the modules of that service pack: `Linux Enterprise Module for X 15 SP4`. */
function suse(release: string): DistributionRelease | undefined {
  const micro = /^Linux Enterprise Micro (\d+\.\d+)$/.exec(release);
  if (micro) return rpm(`SUSE Linux Enterprise Micro ${micro[1] ?? ''}`, 'suse-cvrf', release);
  const found = /^Linux Enterprise [A-Za-z ]{1,60} (\d+)(?: SP(\d+))?(?:-[A-Z]+)?$/.exec(release);
  if (!found) return undefined;
  const version = found[2] ? `${found[1] ?? ''}.${found[2]}` : (found[1] ?? '');
  return rpm(`SUSE Linux Enterprise ${version}`, 'suse-cvrf', release);
}

function rpm(bucket: string, sourceId: string, release: string): DistributionRelease | undefined {
  return release === '' ? undefined : { bucket, sourceId, scheme: 'rpm', keep: 'lowest' };
}

function versioned(
  bucket: string,
  sourceId: string,
  scheme: SchemeId,
  release: string,
): DistributionRelease | undefined {
  return release === '' ? undefined : { bucket, sourceId, scheme, keep: 'highest' };
}

function major(release: string): string {
  return release.split('.', 1)[0] ?? release;
}

/** Where a scope of the plain form goes: a distribution's bucket, or an ecosystem's. */
export interface Scope {
  readonly bucket: string;
  readonly dataSource: DataSource;
  /** Key of the list of reviewed packages. */
  readonly coverage: string;
  readonly scheme: SchemeId | undefined;
  readonly normalize: (packageName: string) => string;
  readonly language: boolean;
}

/** The scope of a name (`alpine 3.11`, `npm`) and a source id. `undefined` for a source that is not in the table. */
export function scopeOf(name: string, sourceId: string): Scope | undefined {
  const ecosystem = languageEcosystems.find((entry) => entry.prefix === name);
  if (ecosystem) {
    const dataSource = sourceId === 'ghsa' ? githubSource(ecosystem.github) : dataSourceOf(sourceId);
    return (
      dataSource && {
        bucket: `${name}::${dataSource.name}`,
        dataSource,
        coverage: `${name}::`,
        scheme: ecosystem.scheme,
        normalize: (packageName) => normalizePackageName(name, packageName),
        language: true,
      }
    );
  }
  const dataSource = dataSourceOf(sourceId);
  return (
    dataSource && {
      bucket: name,
      dataSource,
      coverage: name,
      scheme: schemeOfSource(sourceId),
      normalize: (packageName) => packageName,
      language: false,
    }
  );
}

function schemeOfSource(sourceId: string): SchemeId {
  if (['alpine', 'wolfi', 'chainguard', 'minimos'].includes(sourceId)) return 'apk';
  return ['debian', 'ubuntu', 'echo'].includes(sourceId) ? 'dpkg' : 'rpm';
}
