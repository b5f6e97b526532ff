import { TidewaiterError } from '../core/index.js';

/** What an image is made for, as image indexes and configs spell it. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  readonly osVersion?: string | undefined;
}

export class InvalidPlatformError extends TidewaiterError<'INVALID_PLATFORM'> {}

const systems: ReadonlySet<string> = new Set(['linux', 'windows', 'darwin', 'freebsd']);

/** `os/arch[/variant]`, or `arch` alone for Linux; usual other names of architectures are understood (`x86_64`, `aarch64`). */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/');
  const valid = parts.length <= 3 && parts.every((part) => /^[a-z0-9_.-]+$/.test(part));
  const [first = '', second, third] = parts;
  if (!valid)
    throw new InvalidPlatformError('INVALID_PLATFORM', `"${text}" is no platform`, {
      hint: 'write os/arch[/variant], such as linux/arm64',
    });
  if (second === undefined && systems.has(first)) {
    throw new InvalidPlatformError('INVALID_PLATFORM', `"${text}" names no architecture`, {
      hint: `write ${first}/ARCH, such as ${first}/amd64`,
    });
  }
  if (second === undefined) return normalizePlatform({ os: 'linux', architecture: first });
  return normalizePlatform({ os: first, architecture: second, variant: third });
}

/** Usual other names of architectures become Go's, and a variant that says nothing goes away. */
export function normalizePlatform(platform: Platform): Platform {
  const known: Readonly<Record<string, readonly [string, string?]>> = {
    x86_64: ['amd64'],
    'x86-64': ['amd64'],
    x64: ['amd64'],
    aarch64: ['arm64'],
    armhf: ['arm', 'v7'],
    armel: ['arm', 'v6'],
    armv7l: ['arm', 'v7'],
    i386: ['386'],
    ia32: ['386'],
    ppc64el: ['ppc64le'],
  };
  const alias = Object.hasOwn(known, platform.architecture) ? known[platform.architecture] : undefined;
  const architecture = alias?.[0] ?? platform.architecture;
  let variant = platform.variant ?? alias?.[1];
  if (architecture === 'arm64' && variant === 'v8') variant = undefined;
  if (architecture === 'arm' && variant === undefined) variant = 'v7';
  if (architecture === 'amd64' && variant === 'v1') variant = undefined;
  return { os: platform.os, architecture, variant, osVersion: platform.osVersion };
}

/** `os/arch[/variant]`. */
export function formatPlatform(platform: Platform): string {
  return platform.variant
    ? `${platform.os}/${platform.architecture}/${platform.variant}`
    : `${platform.os}/${platform.architecture}`;
}

/** Can a machine that is `wanted` be given `offered`? Exact but for variants that say nothing; arm v7 takes v6 and v5 too. */
export function platformMatches(wanted: Platform, offered: Platform): boolean {
  const a = normalizePlatform(wanted);
  const b = normalizePlatform(offered);
  if (a.os !== b.os || a.architecture !== b.architecture) return false;
  if (a.variant === b.variant) return true;
  return a.architecture === 'arm' && (b.variant ?? 'v7') < (a.variant ?? 'v7');
}
