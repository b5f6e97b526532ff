import assert from 'node:assert/strict';
import { createContext } from '../../src/core/index.js';
import type { OpenedImages } from '../../src/image/index.js';
import type { NamedImage, NamedSource } from '../../src/image/named/named-source.js';
import { amd64, readEntries } from './image-source-suite.js';

/** What is asked of a source in tests: nothing of the machine shows through. */
export function namedImage(reference: string, folder: string, members: Partial<NamedImage> = {}): NamedImage {
  return {
    reference,
    hostPlatform: amd64,
    spoolDir: folder,
    environment: { HOME: folder, XDG_RUNTIME_DIR: folder },
    openRegistry: () => assert.fail('no registry should be asked'),
    ...members,
  };
}

/** Opens, reads every layer, closes. */
export async function openWhole(source: NamedSource, wanted: NamedImage): Promise<OpenedImages> {
  const opened = await source.open(createContext(), wanted);
  try {
    for (const image of opened.images) for (const layer of image.layers) await readEntries(image, layer.index);
  } finally {
    await opened.close();
  }
  return opened;
}

/** The error of an image that must not open, or not read. */
export async function namedFails(
  source: NamedSource,
  wanted: NamedImage,
): Promise<{ readonly code: unknown; readonly message: string; readonly hint: string | undefined }> {
  let opened: OpenedImages;
  try {
    opened = await openWhole(source, wanted);
  } catch (thrown) {
    assert.ok(thrown instanceof Error);
    const { code, hint } = thrown as { code?: unknown; hint?: string };
    return { code, message: thrown.message, hint };
  }
  return assert.fail(`nothing was wrong with ${opened.images[0]?.imageId}`);
}
