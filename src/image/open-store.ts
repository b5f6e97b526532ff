import { type Context, isTidewaiterError, type TidewaiterError } from '../core/index.js';
import type { Candidate } from './candidate.js';
import { chooseImages, type Wanted } from './choose.js';
import { asImageError, ImageError } from './errors.js';
import type { FileStore } from './file-store.js';
import type { Image, OpenedImages, UnreadableImage } from './image.js';
import * as registered from './sources/index.js';

/** In the order in which they are tried: `index.json` has the digests, so it goes first where both are there. */
const sources = [registered.ociLayout, registered.dockerArchive];

/**
 * Finds, chooses and loads what files hold. Takes the files over: they are closed with the images, and on failure.
 * @param name What the files are called in messages.
 * @throws ImageError
 */
export async function openStore(
  context: Context,
  files: FileStore,
  name: string,
  wanted: Wanted,
): Promise<OpenedImages> {
  try {
    const found = await findImages(files, name, context);
    const { candidates, notices } = chooseImages(found, wanted, name);
    const loaded = await loadImages(candidates, name);
    return { ...loaded, notices, close: () => files.close() };
  } catch (thrown) {
    await files.close();
    throw asImageError(thrown, name, 'ARCHIVE_CORRUPT');
  }
}

/**
 * Loads images of one name. Of several platforms, one that cannot be read does not keep the others from being read.
 * @throws what loading throws, when there is only one or none can be read
 */
export async function loadImages(
  candidates: readonly Candidate[],
  name: string,
): Promise<Pick<OpenedImages, 'images' | 'unreadable'>> {
  const images: Image[] = [];
  const unreadable: UnreadableImage[] = [];
  for (const candidate of candidates) {
    try {
      images.push(await candidate.load());
    } catch (thrown) {
      const error = asImageError(thrown, name, 'ARCHIVE_CORRUPT');
      if (candidates.length === 1 || !concernsImage(error)) throw error;
      unreadable.push({ platform: candidate.platform, error });
    }
  }
  const [first] = unreadable;
  if (first && images.length === 0) throw first.error;
  return { images, unreadable };
}

/** Does an error say something about this one image, and nothing about those of other platforms? */
export function concernsImage(error: unknown): error is TidewaiterError {
  if (error instanceof ImageError) return true;
  const codes: readonly string[] = ['MANIFEST_UNKNOWN', 'BLOB_UNKNOWN', 'DIGEST_MISMATCH', 'SIZE_MISMATCH'];
  return isTidewaiterError(error) && codes.includes(error.code);
}

async function findImages(files: FileStore, name: string, context: Context) {
  for (const source of sources) {
    if (await files.find(source.sign)) return await source.find(files, context.signal);
  }
  const signs = sources.map((source) => `no ${source.sign} (${source.title})`).join(' and ');
  throw new ImageError('NOT_AN_IMAGE', `${name} holds no image: there is ${signs} in it`, {
    hint: 'give an archive of docker save or of an OCI layout, or the folder of an OCI layout',
  });
}
