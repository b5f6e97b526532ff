import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type CancelSignal, FormatError } from '../core/index.js';
import { ImageError, reasonOf } from './errors.js';
import { readBytes } from './file-range.js';
import type { BytePlace, Layer } from './image.js';

/** What has to be said of a layer to another thread of this process that reads it. */
export type LayerDescription = Pick<Layer, 'index' | 'diffId' | 'digest' | 'sizeBytes' | 'contentAddressed' | 'place'>;

/** The description of a layer: with a place, the other thread can get its bytes itself. */
export function describeLayer(layer: Layer): LayerDescription {
  const { index, diffId, digest, sizeBytes, contentAddressed, place } = layer;
  return { index, diffId, digest, sizeBytes, contentAddressed, place };
}

/**
 * A layer from its description. Its bytes are read with calls that wait: for threads that have nothing else to do.
 */
export function placedLayer(description: LayerDescription & { readonly place: BytePlace }): Layer {
  return { ...description, open: (signal) => readPlace(description.place, signal) };
}

async function* readPlace({ file, position, length }: BytePlace, signal: CancelSignal): AsyncGenerator<Uint8Array> {
  const descriptor = typeof file === 'number' ? file : openRegular(file);
  try {
    const buffer = new Uint8Array(Math.min(readBytes, length));
    for (let at = 0; at < length; ) {
      signal.throwIfAborted();
      const count = readSync(descriptor, buffer, 0, Math.min(buffer.length, length - at), position + at);
      if (count === 0) throw new FormatError('TRUNCATED', 'the file ends too early');
      at += count;
      yield buffer.subarray(0, count);
    }
  } finally {
    if (descriptor !== file) closeSync(descriptor);
  }
}

function openRegular(path: string): number {
  let descriptor: number;
  try {
    // Not blocking, in case that a pipe has taken the file's place meanwhile.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (thrown) {
    throw new ImageError('INPUT_UNREADABLE', `${path} cannot be read: ${reasonOf(thrown)}`, { cause: thrown });
  }
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw new FormatError('INVALID', `${path} is no regular file`);
}
