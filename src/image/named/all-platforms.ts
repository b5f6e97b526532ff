import { formatPlatform } from '../../reference/index.js';
import { printable } from '../choose.js';
import { ImageError } from '../errors.js';
import type { OpenedImages } from '../image.js';
import type { NamedImage } from './named-source.js';

/**
 * Where every platform was asked for, a place that holds only some of them will not do: another may have all. Closes
 * what it refuses.
 * @throws ImageError `PLATFORM_NOT_FOUND`
 */
export async function requireAllPlatforms(
  opened: OpenedImages,
  { platform }: Pick<NamedImage, 'platform'>,
  title: string,
): Promise<void> {
  const absent = opened.unreadable?.filter(({ error }) => error.code === 'BLOB_MISSING') ?? [];
  if (platform !== 'all' || absent.length === 0) return;
  await opened.close();
  const platforms = absent.slice(0, 20).map((one) => printable(formatPlatform(one.platform)));
  throw new ImageError('PLATFORM_NOT_FOUND', `${title} does not hold the image for ${platforms.join(', ')}`, {
    hint: 'pull it for every platform, or ask the registry alone with --image-src remote',
  });
}
