import { FormatError } from '../core/index.js';
import type { TarEntry } from '../formats/index.js';
import type { LayerEntry } from './layer-entry.js';

const whiteoutPrefix = '.wh.';
const opaqueMarker = '.wh..wh..opq';

/**
 * What an entry of a layer's tar means by the overlay rules: a file called `.wh.NAME` takes NAME of the layers below
 * away, `.wh..wh..opq` all that they have in its directory.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
 * @throws FormatError `INVALID` for a whiteout of nothing, of `.` or of `..`, which would take a whole directory away
 */
export function toLayerEntry(entry: TarEntry): LayerEntry {
  const { path, linkTarget, mode } = entry;
  const nameFrom = path.lastIndexOf('/') + 1;
  if (!path.startsWith(whiteoutPrefix, nameFrom)) {
    return { path, kind: entry.type, linkTarget, sizeBytes: entry.sizeBytes, mode };
  }
  const name = path.slice(nameFrom);
  const directory = path.slice(0, Math.max(0, nameFrom - 1));
  if (name === opaqueMarker) return { path: directory, kind: 'opaque', sizeBytes: 0, mode };
  const hidden = name.slice(whiteoutPrefix.length);
  if (hidden === '' || hidden === '.' || hidden === '..') {
    throw new FormatError('INVALID', `a whiteout that names nothing: "${path}"`);
  }
  return { path: path.slice(0, nameFrom) + hidden, kind: 'whiteout', sizeBytes: 0, mode };
}
