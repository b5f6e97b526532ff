import {
  formatPlatform,
  formatReference,
  normalizePlatform,
  parseReference,
  type Platform,
  platformMatches,
} from '../reference/index.js';
import type { Candidate, Found } from './candidate.js';
import { ImageError } from './errors.js';

/** What the user asked for. */
export interface Wanted {
  /** A name, an image id or a digest, when the user gave one. */
  readonly reference?: string | undefined;
  /** The platform that the user asked for in so many words; or every one that there is. */
  readonly platform?: Platform | 'all' | undefined;
  /** The platform to take when none was asked for. */
  readonly hostPlatform: Platform;
}

export interface Choice {
  /** One; where every platform was asked for, one or more. */
  readonly candidates: readonly Candidate[];
  readonly notices: readonly string[];
}

/** Items that an error lists before it only counts. */
const mostListed = 20;

/**
 * The one image that is meant: by name if several are there, then by platform. Of every platform, where all were asked
 * for: then also those whose blobs are missing, as reading them will say.
 * @throws ImageError `MULTIPLE_IMAGES`, `IMAGE_NOT_FOUND`, `PLATFORM_NOT_FOUND`, `BLOB_MISSING`, `ATTESTATION_ONLY`,
 * `NOT_AN_IMAGE`
 */
export function chooseImages(found: Found, wanted: Wanted, input: string): Choice {
  if (found.candidates.length === 0) throw nothingToChoose(found, input);
  const ofOneImage = chooseByName(found.candidates, wanted.reference, input);
  const notices = found.attestations > 0 ? [attestationNotice(found.attestations)] : [];
  if (wanted.reference !== undefined && !ofOneImage.some((candidate) => isNamed(candidate, wanted.reference ?? ''))) {
    if (isNameless(ofOneImage)) notices.push(`${input} does not name its image: it is taken for ${wanted.reference}`);
  }
  if (wanted.platform === 'all') return { candidates: inOrder(ofOneImage), notices };
  const { candidate, notice } = chooseByPlatform(ofOneImage, { ...wanted, platform: wanted.platform }, input);
  if (candidate.missing !== undefined) throw blobMissing(candidate, ofOneImage, input);
  return { candidates: [candidate], notices: notice === undefined ? notices : [...notices, notice] };
}

/** As they are listed, each once. */
function inOrder(candidates: readonly Candidate[]): readonly Candidate[] {
  const known = new Set<string>();
  return candidates.filter(({ digests: [digest], platform }) => {
    const key = `${digest} ${formatPlatform(platform)} ${platform.osVersion ?? ''}`;
    return !known.has(key) && known.add(key);
  });
}

/** Does the user's text mean this candidate: one of its names in any spelling, or one of its digests? */
export function isNamed(candidate: Candidate, reference: string): boolean {
  if (candidate.names.includes(reference)) return true;
  if (isDigestOf(candidate, reference)) return true;
  const asked = tryParse(reference);
  if (!asked) return false;
  if (asked.digest !== undefined) return candidate.digests.includes(asked.digest);
  const canonical = formatReference(asked);
  return candidate.names.some((name) => {
    const parsed = tryParse(name);
    return parsed !== undefined && formatReference(parsed) === canonical;
  });
}

function chooseByName(
  candidates: readonly Candidate[],
  reference: string | undefined,
  input: string,
): readonly Candidate[] {
  if (reference === undefined) {
    if (new Set(candidates.map((candidate) => candidate.group)).size === 1) return candidates;
    throw new ImageError('MULTIPLE_IMAGES', `${input} holds several images: ${listNames(candidates)}`, {
      hint: 'name the one that is meant, behind the options',
    });
  }
  const isOnly = candidates.every((candidate) => candidate.group === candidates[0]?.group);
  if (isOnly && isNameless(candidates) && !looksLikeDigest(reference)) return candidates;
  const named = candidates.filter((candidate) => isNamed(candidate, reference));
  const meant = named.length > 0 ? named : candidates.filter((candidate) => hasBareTag(candidate, reference));
  const group = meant[0]?.group;
  if (group === undefined) {
    throw new ImageError(
      'IMAGE_NOT_FOUND',
      `${input} holds no image called ${reference}, only ${listNames(candidates)}`,
      {
        hint: 'give one of these names, or the id or digest of an image',
      },
    );
  }
  if (meant.some((candidate) => candidate.group !== group)) {
    throw new ImageError(
      'MULTIPLE_IMAGES',
      `${input} holds several images that ${reference} could mean: ${listNames(meant)}`,
      {
        hint: 'give a full name, or the id or digest of an image',
      },
    );
  }
  return meant;
}

/** A digest, with or without its algorithm, in full or shortened: what an image either has or has not. */
function looksLikeDigest(reference: string): boolean {
  return reference.includes('@') || /^(?:sha(?:256|384|512):)?[0-9a-f]{12,}$/.test(reference);
}

/** The only image of an archive without names cannot be another one than the user calls it. */
function isNameless(candidates: readonly Candidate[]): boolean {
  return candidates.every((candidate) => candidate.names.length === 0);
}

function chooseByPlatform(
  candidates: readonly Candidate[],
  wanted: { readonly platform?: Platform | undefined; readonly hostPlatform: Platform },
  input: string,
): { readonly candidate: Candidate; readonly notice?: string | undefined } {
  const platform = wanted.platform ?? wanted.hostPlatform;
  const match = bestMatch(candidates, platform);
  if (match && (match.missing === undefined || wanted.platform)) return { candidate: match };
  const here = candidates.filter((candidate) => candidate.missing === undefined);
  const only = here.length === 1 || candidates.length === 1 ? (here[0] ?? candidates[0]) : undefined;
  if (only && !wanted.platform) return { candidate: only, notice: otherPlatformNotice(only, platform) };
  if (match) return { candidate: match };
  throw new ImageError(
    'PLATFORM_NOT_FOUND',
    `${input} holds no image for ${formatPlatform(platform)}, only for ${listPlatforms(candidates)}`,
    {
      hint: 'choose one of these with --platform',
    },
  );
}

/** An equal platform first, else one that the wanted machine can run too: the newest of those. */
function bestMatch(candidates: readonly Candidate[], wanted: Platform): Candidate | undefined {
  const matching = candidates.filter((candidate) => platformMatches(wanted, candidate.platform));
  const variant = normalizePlatform(wanted).variant;
  const equal = matching.filter((candidate) => normalizePlatform(candidate.platform).variant === variant);
  if (equal.length > 0) return equal.find((candidate) => candidate.missing === undefined) ?? equal[0];
  return matching.toSorted((a, b) => variantOf(b).localeCompare(variantOf(a)))[0];
}

function variantOf(candidate: Candidate): string {
  return normalizePlatform(candidate.platform).variant ?? '';
}

function otherPlatformNotice(only: Candidate, platform: Platform): string | undefined {
  if (platformMatches(platform, only.platform)) return undefined;
  return `this is an image for ${formatPlatform(only.platform)}, not for ${formatPlatform(platform)}`;
}

function attestationNotice(count: number): string {
  return count === 1
    ? 'a build attestation was passed over: it is no image'
    : `${count} build attestations were passed over: they are no images`;
}

function nothingToChoose(found: Found, input: string): ImageError {
  if (found.artifacts.length > 0) {
    return new ImageError(
      'NOT_AN_IMAGE',
      `${input} holds no container image, but ${found.artifacts.slice(0, mostListed).join(', ')}`,
      {
        hint: 'only images have layers to scan',
      },
    );
  }
  if (found.attestations > 0) {
    return new ImageError(
      'ATTESTATION_ONLY',
      `${input} holds build attestations and no image, so that nothing could be assessed`,
      {
        hint: 'save the image itself, for its own platform',
      },
    );
  }
  return new ImageError('NOT_AN_IMAGE', `${input} lists no image`, { hint: 'save the image again' });
}

function blobMissing(candidate: Candidate, candidates: readonly Candidate[], input: string): ImageError {
  const here = candidates.filter((other) => other.missing === undefined);
  const message = `${input} names an image for ${formatPlatform(candidate.platform)} but does not hold its ${candidate.missing ?? 'blobs'}`;
  return new ImageError('BLOB_MISSING', message, {
    hint:
      here.length > 0
        ? `the image for ${listPlatforms(here)} is there: choose it with --platform`
        : 'save the image again, with the platform that is meant',
  });
}

/** Image ids and digests may be given without the algorithm, and shortened as docker prints them. */
function isDigestOf(candidate: Candidate, text: string): boolean {
  const hex = text.startsWith('sha256:') ? text.slice('sha256:'.length) : text;
  return /^[0-9a-f]{7,64}$/.test(hex) && candidate.digests.some((digest) => digest.startsWith(`sha256:${hex}`));
}

/** OCI layouts often name images by their tag and nothing else. */
function hasBareTag(candidate: Candidate, reference: string): boolean {
  const tag = tryParse(reference)?.tag;
  return tag !== undefined && candidate.names.length === 1 && candidate.names[0] === tag;
}

function tryParse(text: string): ReturnType<typeof parseReference> | undefined {
  try {
    return parseReference(text);
  } catch {
    return undefined; // a name that is none equals no other
  }
}

function listNames(candidates: readonly Candidate[]): string {
  const groups = new Map<number, string>();
  for (const candidate of candidates) {
    if (groups.has(candidate.group)) continue;
    const [name = candidate.digests[0] ?? 'an image without a name', ...others] = candidate.names;
    groups.set(candidate.group, others.length > 0 ? `${name} (or ${listed(others)})` : name);
  }
  return listed([...groups.values()]);
}

function listPlatforms(candidates: readonly Candidate[]): string {
  return listed([...new Set(candidates.map((candidate) => formatPlatform(candidate.platform)))]);
}

function listed(items: readonly string[]): string {
  const shown = items.slice(0, mostListed).map(printable).join(', ');
  return items.length > mostListed ? `${shown} and ${items.length - mostListed} more` : shown;
}

/** Foreign text for a message: nothing in it steers a terminal, and at most 300 characters of it. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?').slice(0, 300);
}
