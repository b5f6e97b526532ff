import { limits } from '../core/index.js';
import { asObject, asString, type JsonObject } from '../formats/index.js';
import type { Digest, Platform } from '../reference/index.js';
import { digestField, invalid, listField, optionalText, parseDocument } from './fields.js';

/** How an image is run and what it is made of. https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageConfig {
  readonly platform: Platform;
  /** As written, not checked to be a date. */
  readonly created?: string | undefined;
  /** Hashes of the uncompressed layers, bottom first. */
  readonly diffIds: readonly Digest[];
  readonly history: readonly HistoryEntry[];
  /** The whole document as it stands in the image, for reports. */
  readonly document: JsonObject;
}

export interface HistoryEntry {
  readonly createdBy?: string | undefined;
  /** True for a step that made no layer. */
  readonly emptyLayer: boolean;
}

/** More steps than any builder makes. */
const mostSteps = 10_000;

/**
 * An image config of OCI or Docker. `os` and `architecture` may be missing in very old images: linux and amd64 then.
 * @throws FormatError `INVALID`, `LIMIT_EXCEEDED`
 */
export function parseImageConfig(bytes: Uint8Array, what = 'the image config'): ImageConfig {
  const document = parseDocument(bytes, what);
  const rootfs = asObject(document['rootfs']);
  if (!rootfs) throw invalid(what, 'has no rootfs, so that its layers cannot be checked');
  const ids = listField(rootfs['diff_ids'] ?? null, `${what}: its list of diff IDs`, limits.layers);
  return {
    platform: {
      os: optionalText(document['os']) ?? 'linux',
      architecture: optionalText(document['architecture']) ?? 'amd64',
      variant: optionalText(document['variant']),
      osVersion: optionalText(document['os.version']),
    },
    created: asString(document['created']),
    diffIds: ids.map((id, index) => digestField(id, `${what}: its diff ID ${index + 1}`)),
    history: listField(document['history'] ?? null, `${what}: its history`, mostSteps).map((step) => ({
      createdBy: asString(asObject(step)?.['created_by']),
      emptyLayer: asObject(step)?.['empty_layer'] === true,
    })),
    document,
  };
}

/** The history lines of the layers, bottom first; nothing where the history does not fit the number of layers. */
export function layerHistory(config: ImageConfig): readonly (string | undefined)[] {
  const lines = config.history.filter((step) => !step.emptyLayer).map((step) => step.createdBy);
  return lines.length === config.diffIds.length ? lines : config.diffIds.map(() => undefined);
}
