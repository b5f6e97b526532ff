import type { Context } from '../../core/index.js';
import {
  type Digest,
  formatFamiliar,
  formatPlatform,
  formatReference,
  formatRepository,
  parseReference,
  type Platform,
  platformMatches,
  type Reference,
} from '../../reference/index.js';
import { printable } from '../choose.js';
import { ImageError } from '../errors.js';
import type { OpenedImages } from '../image.js';
import { openStore } from '../open-store.js';
import { spooledFiles } from '../spooled-files.js';
import type { DaemonApi, DaemonManifest, InspectedImage } from './docker-api.js';
import { checkSocket, type DaemonEndpoint } from './docker-endpoint.js';
import { requireAllPlatforms } from './all-platforms.js';
import type { NamedImage } from './named-source.js';

export interface DaemonPlace {
  readonly endpoint: DaemonEndpoint;
  /** `Docker`, `Podman`. */
  readonly title: string;
}

/**
 * An image from a service that speaks Docker's API: what it says of the name, then the archive that it saves, of which
 * only the image with the digest that it said is taken.
 * @throws ImageError `SOURCE_UNAVAILABLE`, `SOURCE_FAILED`, `IMAGE_UNAVAILABLE`, `PLATFORM_NOT_FOUND`; what archives throw
 */
export async function openFromDaemon(context: Context, place: DaemonPlace, wanted: NamedImage): Promise<OpenedImages> {
  const { endpoint, title } = place;
  if (endpoint.kind === 'socket') await checkSocket(endpoint.path, title);
  // What speaks HTTP is loaded when there is somebody to speak to.
  const { DaemonApi } = await import('./docker-api.js');
  const api = DaemonApi.at(endpoint, title);
  try {
    return await openCurrent(context, { api, title, wanted });
  } finally {
    await api.close();
  }
}

interface Asking {
  readonly api: DaemonApi;
  readonly title: string;
  readonly wanted: NamedImage;
}

/** Between the question what a name means and the archive, somebody may give the name to another image. */
async function openCurrent(context: Context, asking: Asking): Promise<OpenedImages> {
  const first = await find(context, asking);
  try {
    return await openFound(context, asking, first);
  } catch (thrown) {
    if (!(thrown instanceof ImageError) || thrown.code !== 'IMAGE_NOT_FOUND') throw thrown;
    const second = await find(context, asking);
    if (second.image.id !== first.image.id) return await openFound(context, asking, second);
    throw new ImageError('SOURCE_FAILED', `${asking.title} gave another image than ${first.image.id}`, {
      hint: 'save the image with its own tool and use --input FILE',
      cause: thrown,
    });
  }
}

interface FoundImage {
  /** The spelling that the daemon knows. */
  readonly name: string;
  readonly image: InspectedImage;
}

async function find(context: Context, { api, title, wanted }: Asking): Promise<FoundImage> {
  const reference = readReference(wanted.reference);
  for (const name of spellings(wanted.reference, reference)) {
    const image = await api.inspect(context, name);
    if (image && isMeant(image, wanted.reference, reference)) return { name, image };
  }
  throw new ImageError('IMAGE_UNAVAILABLE', `${title} has no image ${printable(wanted.reference)}`);
}

async function openFound(context: Context, asking: Asking, { name, image }: FoundImage): Promise<OpenedImages> {
  const { api, title, wanted } = asking;
  const chosen = choosePlatform(image, title, wanted);
  const { platform, hostPlatform, spoolDir } = wanted;
  const stream = await api.save(context, name, chosen?.platform);
  const files = await spooledFiles(context, stream, { name: `what ${title} saved`, spoolDir });
  const reference = chosen?.digest ?? image.id;
  const opened = await openStore(context, files, `what ${title} saved`, { reference, platform, hostPlatform });
  await requireAllPlatforms(opened, wanted, title);
  const { repoTags, repoDigests } = image;
  const notices = [...takenFor(image, title, wanted.reference), ...opened.notices];
  return { ...opened, notices, images: opened.images.map((found) => ({ ...found, repoTags, repoDigests })) };
}

/**
 * In full, as of a name without a tag docker saves every image; without a tag that a digest makes void; and as typed:
 * daemons differ in what they understand.
 */
function spellings(typed: string, reference: Reference | undefined): readonly string[] {
  if (!reference) return [shortId(typed) ?? typed];
  const { digest } = reference;
  const byDigest = digest === undefined ? [] : [`${formatRepository(reference)}@${digest}`];
  return [...new Set([formatReference(reference), ...byDigest, typed])];
}

/**
 * Podman takes a short name for any that ends in it, `nginx:1` for `quay.io/somebody/nginx:1` say: that is another image.
 * What was built there and given a short name is called `localhost/...` by it.
 */
function isMeant(image: InspectedImage, typed: string, reference: Reference | undefined): boolean {
  if (!reference) return beginsId(image, shortId(typed) ?? '');
  if (beginsId(image, typed)) return true;
  if (reference.digest !== undefined) return hasDigest(image, reference.digest);
  const names = new Set([formatReference(reference), `localhost/${formatFamiliar(reference)}`]);
  return image.repoTags.some((tag) => names.has(inFull(tag) ?? ''));
}

function beginsId(image: InspectedImage, typed: string): boolean {
  return /^[0-9a-f]*$/.test(typed) && image.id.startsWith(`sha256:${typed}`);
}

/** The digits of `sha256:...` that are fewer than a digest has: Podman knows such an id without its algorithm only. */
function shortId(typed: string): string | undefined {
  return /^sha256:([0-9a-f]{1,63})$/.exec(typed)?.[1];
}

/** Nothing for an image id. */
function readReference(typed: string): Reference | undefined {
  return /^(?:sha256:)?[0-9a-f]{64}$|^sha256:[0-9a-f]+$/.test(typed) ? undefined : parseReference(typed);
}

/** A digest decides; the daemon must say that this image has it. */
function hasDigest(image: InspectedImage, digest: Digest): boolean {
  if (image.id === digest) return true;
  if (image.repoDigests.some((name) => name.endsWith(`@${digest}`))) return true;
  return image.manifests?.some((manifest) => manifest.digest === digest) ?? false;
}

/**
 * The one image of several that the daemon keeps; nothing where it keeps one, or where all are wanted.
 * @throws ImageError `PLATFORM_NOT_FOUND` before anything is sent that will not do
 */
function choosePlatform(image: InspectedImage, title: string, wanted: NamedImage): DaemonManifest | undefined {
  const { platform, hostPlatform } = wanted;
  if (platform === 'all') {
    if (image.manifests || image.isSinglePlatform || wasNeverElsewhere(image)) return undefined;
    throw notForPlatform(title, 'it keeps one platform of an image, and all were asked for');
  }
  if (!image.manifests) {
    if (!platform || !image.platform || platformMatches(platform, image.platform)) return undefined;
    throw notForPlatform(title, `it has the image for ${shown(image.platform)}, not for ${shown(platform)}`);
  }
  const named = readReference(wanted.reference)?.digest;
  const here = image.manifests.filter((manifest) => manifest.available);
  const meant = here.filter((manifest) => named === manifest.digest || named === undefined || isOnTop(image, named));
  const match = bestOf(meant, platform ?? hostPlatform);
  if (match || !platform) return match ?? (meant.length === 1 ? meant[0] : undefined);
  throw notForPlatform(title, `it has the image for ${here.map((one) => shown(one.platform)).join(', ') || 'none'}`);
}

/** Does the digest mean the whole index? */
function isOnTop(image: InspectedImage, digest: Digest): boolean {
  return !image.manifests?.some((manifest) => manifest.digest === digest);
}

/** The very platform first, else one that it runs too. */
function bestOf(manifests: readonly DaemonManifest[], wanted: Platform): DaemonManifest | undefined {
  const matching = manifests.filter((manifest) => platformMatches(wanted, manifest.platform));
  return matching.find((manifest) => shown(manifest.platform) === shown(wanted)) ?? matching[0];
}

/** Built here, and pushed nowhere: then what is here is all there is. */
function wasNeverElsewhere({ repoDigests }: InspectedImage): boolean {
  return repoDigests.every((name) => name.startsWith('localhost/'));
}

function notForPlatform(title: string, why: string): ImageError {
  return new ImageError('PLATFORM_NOT_FOUND', `${title}: ${why}`, {
    hint: 'choose another with --platform, or ask the registry alone with --image-src remote',
  });
}

function shown(platform: Platform): string {
  return printable(formatPlatform(platform));
}

/** Short names can mean more than one image, and names can be the beginning of an id: then it is said what was taken. */
function takenFor(image: InspectedImage, title: string, typed: string): readonly string[] {
  const reference = readReference(typed);
  if (!reference || reference.digest !== undefined) return [];
  if (typed.length >= 12 && beginsId(image, typed)) return [];
  const canonical = formatReference(reference);
  if (image.repoTags.some((tag) => inFull(tag) === canonical)) return [];
  return [`${title} takes ${typed} for ${printable(image.repoTags[0] ?? image.id)}`];
}

function inFull(name: string): string | undefined {
  try {
    return formatReference(parseReference(name));
  } catch {
    return undefined; // a name that is none equals no other
  }
}
