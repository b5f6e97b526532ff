import type { CancelSignal } from '../../core/index.js';
import { limits } from '../../core/index.js';
import { cleanPath } from '../../formats/index.js';
import {
  type DockerArchiveImage,
  type ImageConfig,
  parseDockerArchiveList,
  parseImageConfig,
} from '../../oci/index.js';
import { type Digest, parseDigest, type Platform } from '../../reference/index.js';
import type { Found } from '../candidate.js';
import { hashOf, makeLayers, parsed, readNamed } from '../documents.js';
import { digestMismatch, ImageError } from '../errors.js';
import { type FileStore, readWhole } from '../file-store.js';
import { groupImages, type Root } from '../grouping.js';
import type { Image } from '../image.js';
import type { ImageSource } from '../source.js';

/** What `docker save` and many other tools write: `manifest.json` names the config and the layers of each image. */
export const dockerArchive = {
  id: 'docker-archive',
  title: 'docker archive',
  sign: 'manifest.json',
  async find(files, signal): Promise<Found> {
    const bytes = await readNamed(files, 'manifest.json', signal);
    if (!bytes) return { candidates: [], attestations: 0, artifacts: [] };
    const roots: Root[] = [];
    for (const listed of parsed(() => parseDockerArchiveList(bytes))) roots.push(await toRoot(files, listed, signal));
    return { candidates: groupImages(roots), attestations: 0, artifacts: [] };
  },
} as const satisfies ImageSource;

/** Stands for the platform of an image whose config is not there. */
const unknownPlatform: Platform = { os: 'unknown', architecture: 'unknown' };

async function toRoot(files: FileStore, listed: DockerArchiveImage, signal: CancelSignal): Promise<Root> {
  const read = await readConfig(files, listed, signal);
  const missing = read ? await firstMissing(files, listed.layers) : listed.config;
  const member = {
    digests: read ? [read.imageId] : [],
    platform: read?.config.platform ?? unknownPlatform,
    missing,
    load: () => load(files, listed, signal),
  };
  return { key: listed.repoTags[0], names: listed.repoTags, id: read?.imageId ?? listed.config, members: [member] };
}

async function load(files: FileStore, listed: DockerArchiveImage, signal: CancelSignal): Promise<Image> {
  const read = await readConfig(files, listed, signal);
  if (!read) throw new ImageError('BLOB_MISSING', `${listed.config} is not in the ${files.noun}`);
  const stored = [];
  for (const name of listed.layers) {
    const path = cleanPath(name);
    const file = await files.find(path);
    if (!file) throw new ImageError('BLOB_MISSING', `layer ${name} is not in the ${files.noun}`);
    stored.push({ file, digest: digestInPath(file.path) });
  }
  const { config, imageId } = read;
  const layers = makeLayers(config, stored);
  return { platform: config.platform, imageId, config, repoTags: listed.repoTags, repoDigests: [], layers };
}

async function readConfig(
  files: FileStore,
  listed: DockerArchiveImage,
  signal: CancelSignal,
): Promise<{ readonly config: ImageConfig; readonly imageId: Digest } | undefined> {
  const file = await files.find(cleanPath(listed.config));
  if (!file) return undefined;
  const bytes = await readWhole(file, limits.imageDocumentBytes, signal);
  const imageId = hashOf(bytes);
  const claimed = digestInPath(file.path);
  if (claimed !== undefined && claimed !== imageId) throw digestMismatch(`config ${file.path}`, claimed, imageId);
  return { config: parsed(() => parseImageConfig(bytes, `config ${file.path}`)), imageId };
}

async function firstMissing(files: FileStore, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    if (!(await files.find(cleanPath(name)))) return name;
  }
  return undefined;
}

/** Configs are called `<hex>.json` and blobs `blobs/sha256/<hex>`: that is a claim about what they hash to. */
function digestInPath(path: string): Digest | undefined {
  const hex = /^(?:blobs\/sha256\/([0-9a-f]{64})|([0-9a-f]{64})\.json)$/.exec(path);
  const digits = hex?.[1] ?? hex?.[2];
  return digits === undefined ? undefined : parseDigest(`sha256:${digits}`);
}
