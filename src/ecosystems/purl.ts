import { distributionOf } from './distributions.js';
import { ecosystemOf } from './ecosystems.js';
import type { OperatingSystem } from './operating-system.js';
import { formatVersion, type Package } from './package.js';

/**
 * The package URL of a package (https://github.com/package-url/purl-spec): of an application's package by its type,
 * of an OS package (any other `type`: `apk`, `dpkg`) by the operating system. `undefined` where neither has one.
 */
export function purlOf(
  item: Package,
  place: { readonly type: string; readonly operatingSystem?: OperatingSystem | undefined },
): string | undefined {
  const ecosystem = ecosystemOf(place.type);
  // The epoch is a qualifier.
  const version = formatVersion({ version: item.version, release: item.release });
  if (ecosystem) return print({ type: ecosystem.purlType, ...ecosystem.purlName(item.name), version, qualifiers: {} });
  const { operatingSystem } = place;
  const rule = operatingSystem && distributionOf(operatingSystem.family)?.purl;
  if (!rule) return undefined;
  return print({
    type: rule.type,
    namespace: rule.namespace,
    name: rule.type === 'apk' ? item.name.toLowerCase() : item.name,
    version,
    qualifiers: {
      arch: item.arch,
      distro: rule.distro(operatingSystem),
      epoch: item.epoch ? String(item.epoch) : undefined,
      modularitylabel: rule.type === 'rpm' ? item.modularityLabel : undefined,
    },
  });
}

interface PurlParts {
  readonly type: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version: string;
  readonly qualifiers: Readonly<Record<string, string | undefined>>;
}

function print({ type, namespace, name, version, qualifiers }: PurlParts): string {
  const path = namespace ? [...namespace.split('/').filter(Boolean), name] : [name];
  const query = Object.entries(qualifiers)
    .flatMap(([key, value]) => (value ? [`${key}=${encode(value)}`] : []))
    .toSorted()
    .join('&');
  return `pkg:${type}/${path.map(encode).join('/')}${version ? `@${encode(version)}` : ''}${query ? `?${query}` : ''}`;
}

/** Letters, digits and `.-_~:` stay; everything else becomes upper-case hex of its UTF-8 bytes. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(loneSurrogates, '\ufffd'))
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}

// With the u flag whole pairs are one character, so that only halves match.
const loneSurrogates = /[\ud800-\udfff]/gu;
