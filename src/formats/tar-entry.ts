import { FormatError, limits } from '../core/index.js';
import { numberField, tarBlockBytes, textField, verifyChecksum } from './tar-header.js';
import { cleanPath } from './tar-path.js';
import { parsePax, type PaxRecords } from './tar-pax.js';
import { type SparseMap, sparsePieces } from './tar-sparse.js';

/** One entry of a tar archive. */
export interface TarEntry {
  /** Clean (`cleanPath`); empty for the root itself. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'device';
  /** Bytes of the file when unpacked; 0 for all but regular files. */
  readonly sizeBytes: number;
  /** Bytes of data that follow in the archive, without padding. Fewer than `sizeBytes` for sparse files. */
  readonly storedBytes: number;
  /** Permission bits, set-uid, set-gid and sticky included. */
  readonly mode: number;
  /** Symbolic links: the text as stored. Hard links: clean, relative to the root. */
  readonly linkTarget: string | undefined;
  readonly sparse: SparseMap | undefined;
}

/** What a header block means for whoever reads on. */
export type TarStep =
  /** All zero: the archive ends here. */
  | { readonly is: 'end' }
  /** Bytes follow that belong to the next entry's header: hand them to `extend`. */
  | { readonly is: 'extension'; readonly bytes: number }
  /** One more block belongs to this header. */
  | { readonly is: 'unfinished' }
  | { readonly is: 'entry'; readonly entry: TarEntry };

const end: TarStep = { is: 'end' };
const unfinished: TarStep = { is: 'unfinished' };

/**
 * Puts entries together from header blocks and what extends them: ustar, v7, GNU and PAX. Where readers of tar differ
 * it follows Go's, because that is what unpacks images: links, directories and devices have no data whatever their size
 * says, GNU names win over PAX, and a global PAX header changes no entry.
 */
export class TarHeaders {
  readonly #block = new Uint8Array(tarBlockBytes);
  readonly #words = new Uint32Array(this.#block.buffer);
  #pax: PaxRecords | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;
  #extending = '';
  /** Of an old GNU sparse header that more blocks continue. */
  #sparse: { readonly entry: TarEntry; readonly pieces: number[] } | undefined;

  /** The next header block goes here before `accept` is called: one block for all, because it must be aligned. */
  get block(): Uint8Array {
    return this.#block;
  }

  /** @throws FormatError `INVALID`, `UNSUPPORTED` or `LIMIT_EXCEEDED` */
  accept(): TarStep {
    if (this.#sparse) return this.#continueSparse(this.#sparse);
    const sum = verifyChecksum(this.#block, this.#words);
    if (sum === 'zero') return end;
    if (sum === 'invalid') throw new FormatError('INVALID', 'a header with a wrong checksum');
    const type = String.fromCharCode(this.#block[156] ?? 0);
    return extensionTypes.has(type) ? this.#startExtension(type) : this.#entry(type);
  }

  /** The bytes that an `extension` announced. */
  extend(bytes: Uint8Array): void {
    const type = this.#extending;
    if (type === 'L') this.#longName = longText(bytes);
    else if (type === 'K') this.#longLink = longText(bytes);
    else {
      const records = parsePax(bytes);
      if (type !== 'g') this.#pax = records;
    }
  }

  #startExtension(type: string): TarStep {
    const bytes = numberField(this.#block, 124, 12, 'size');
    if (bytes > limits.tarExtensionBytes) {
      throw new FormatError(
        'LIMIT_EXCEEDED',
        `an extended header of ${bytes} bytes; at most ${limits.tarExtensionBytes} are read`,
      );
    }
    this.#extending = type;
    return { is: 'extension', bytes };
  }

  #entry(type: string): TarStep {
    const pax = this.#pax;
    const name = this.#longName ?? pax?.sparse?.name ?? pax?.path ?? headerName(this.#block);
    const link = this.#longLink ?? pax?.linkPath ?? textField(this.#block, 157, 100);
    this.#pax = this.#longName = this.#longLink = undefined;
    checkLength(name);
    checkLength(link);
    const kind = kindOf(type, name);
    const size = pax?.size ?? numberField(this.#block, 124, 12, 'size');
    const storedBytes = kind === 'file' || type === 'D' ? size : 0;
    if (storedBytes > Number.MAX_SAFE_INTEGER - tarBlockBytes)
      throw new FormatError('INVALID', 'a size past all sense');
    const entry: TarEntry = {
      path: cleanPath(name),
      type: kind,
      sizeBytes: kind === 'file' ? size : 0,
      storedBytes,
      mode: numberField(this.#block, 100, 8, 'mode') & 0o7777,
      linkTarget: kind === 'symlink' ? link : kind === 'hardlink' ? cleanPath(link) : undefined,
      sparse: undefined,
    };
    if (type === 'S') return this.#startSparse(entry);
    return { is: 'entry', entry: pax?.sparse && kind === 'file' ? paxSparse(entry, pax.sparse) : entry };
  }

  /** https://www.gnu.org/software/tar/manual/html_node/Standard.html, `struct oldgnu_header` */
  #startSparse(entry: TarEntry): TarStep {
    const pieces = sparsePieces(this.#block, 386, 4);
    const whole = { ...entry, sizeBytes: numberField(this.#block, 483, 12, 'real size') };
    if (this.#block[482] === 0) return { is: 'entry', entry: { ...whole, sparse: { pieces } } };
    this.#sparse = { entry: whole, pieces };
    return unfinished;
  }

  #continueSparse(open: { readonly entry: TarEntry; readonly pieces: number[] }): TarStep {
    for (const number of sparsePieces(this.#block, 0, 21)) open.pieces.push(number);
    if (open.pieces.length * 12 > limits.tarExtensionBytes)
      throw new FormatError('LIMIT_EXCEEDED', 'a sparse file of too many pieces');
    if (this.#block[504] !== 0) return unfinished;
    this.#sparse = undefined;
    return { is: 'entry', entry: { ...open.entry, sparse: { pieces: open.pieces } } };
  }
}

const extensionTypes: ReadonlySet<string> = new Set(['x', 'X', 'g', 'L', 'K']);

/** A type that nobody knows is a regular file, as POSIX says. */
function kindOf(type: string, name: string): TarEntry['type'] {
  switch (type) {
    case '\0':
      return name.endsWith('/') ? 'directory' : 'file';
    case '1':
      return 'hardlink';
    case '2':
      return 'symlink';
    case '3':
    case '4':
    case '6':
      return 'device';
    case '5':
    case 'D':
      return 'directory';
    case 'M':
      throw new FormatError('UNSUPPORTED', 'the continuation of a file from another volume');
    default:
      return 'file';
  }
}

/**
 * The name field, behind the prefix that POSIX added. GNU headers have times where the prefix would be; only those that
 * an old Go wrote by mistake have a prefix there too: https://github.com/golang/go/issues/12594
 */
function headerName(block: Uint8Array): string {
  const name = textField(block, 0, 100);
  if (block[345] === 0 || textField(block, 257, 5) !== 'ustar') return name;
  const isStar = textField(block, 508, 4) === 'tar';
  const isGnu = block[262] === 32;
  if (isGnu && (looksNumeric(block, 345) || looksNumeric(block, 357))) return name;
  const prefix = textField(block, 345, isStar ? 131 : 155);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function looksNumeric(block: Uint8Array, at: number): boolean {
  const first = block[at] ?? 0;
  if (first & 0x80) return true;
  for (let i = at; i < at + 12; i++) {
    const byte = block[i] ?? 0;
    if (byte !== 0 && byte !== 32 && (byte < 48 || byte > 55)) return false;
  }
  return true;
}

function paxSparse(entry: TarEntry, sparse: NonNullable<PaxRecords['sparse']>): TarEntry {
  const inData = sparse.major === '1' && sparse.minor === '0';
  if (!inData && !sparse.map) return entry;
  const sizeBytes = sparse.realSize ?? entry.sizeBytes;
  return { ...entry, sizeBytes, sparse: { pieces: inData ? 'in-data' : (sparse.map ?? []) } };
}

function longText(bytes: Uint8Array): string {
  return textField(bytes, 0, bytes.length);
}

function checkLength(path: string): void {
  if (path.length > limits.pathBytes) {
    throw new FormatError('LIMIT_EXCEEDED', `a path of more than ${limits.pathBytes} bytes`);
  }
}
