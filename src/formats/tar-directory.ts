import { FormatError, limits, type RandomAccess } from '../core/index.js';
import { type TarEntry, TarHeaders } from './tar-entry.js';
import { tarBlockBytes } from './tar-header.js';
import { paddedBytes } from './tar-parser.js';

/** An entry of an archive that can be read anywhere, and where its data lies. */
export interface TarMember {
  readonly entry: TarEntry;
  /** Position of the first byte of data; `entry.storedBytes` of them follow. */
  readonly dataFrom: number;
}

/**
 * The entries of a plain tar archive, found by seeking from header to header; data is not read.
 * @throws FormatError `TRUNCATED` when data runs past the end, `INVALID`, `LIMIT_EXCEEDED` past `maxEntries`
 */
export function readTarDirectory(
  archive: RandomAccess,
  options: { readonly maxEntries?: number } = {},
): readonly TarMember[] {
  const maxEntries = options.maxEntries ?? limits.archiveEntries;
  const headers = new TarHeaders();
  const members: TarMember[] = [];
  let at = 0;
  while (at < archive.size) {
    if (archive.size - at < tarBlockBytes) throw new FormatError('TRUNCATED', 'the tar archive ends inside a header');
    headers.block.set(archive.read(at, tarBlockBytes));
    at += tarBlockBytes;
    const step = headers.accept();
    if (step.is === 'end') break;
    if (step.is === 'extension') {
      headers.extend(archive.read(at, step.bytes));
      at += paddedBytes(step.bytes);
    } else if (step.is === 'entry') {
      if (members.length >= maxEntries)
        throw new FormatError('LIMIT_EXCEEDED', `an archive of more than ${maxEntries} entries`);
      if (at + step.entry.storedBytes > archive.size) {
        throw new FormatError('TRUNCATED', `the tar archive ends inside "${step.entry.path}"`);
      }
      members.push({ entry: step.entry, dataFrom: at });
      at += paddedBytes(step.entry.storedBytes);
    }
  }
  return members;
}
