/** What lies at a path of the host. */
export type HostEntry =
  | {
      readonly kind: 'file';
      readonly bytes: Uint8Array;
      /** Permission bits. */
      readonly mode: number;
      readonly userId: number;
      readonly groupId: number;
    }
  | { readonly kind: 'folder'; readonly names: readonly string[] }
  | { readonly kind: 'other' }
  | { readonly kind: 'missing' }
  /** It is there and we may not look at it, or it is past a bound. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** The files of a machine, or of a copy of one. Paths are absolute, as that machine sees them. */
export interface Host {
  look(path: string): Promise<HostEntry>;
  /** The path by which a person finds it here. */
  shown(path: string): string;
}

/** A path without `.`, `..` and doubled slashes; a relative one is taken from `folder`. */
export function resolvePath(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The folder that a path lies in. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** Is the path the folder itself, or below it? */
export function isWithin(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes as text, a byte order mark included. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A host whose files are given, for tests and for files that come from elsewhere. */
export function memoryHost(files: Readonly<Record<string, string | MemoryFile>>): Host {
  const known = new Map(Object.entries(files).map(([path, file]) => [resolvePath('/', path), file]));
  return {
    look(path) {
      const file = known.get(path);
      if (typeof file === 'string') return Promise.resolve(entry({ text: file }));
      if (file !== undefined) return Promise.resolve(entry(file));
      const below = path === '/' ? '/' : `${path}/`;
      const names = new Set(
        [...known.keys()]
          .filter((name) => name.startsWith(below))
          .map((name) => name.slice(below.length).split('/', 1)[0] ?? ''),
      );
      return Promise.resolve(names.size > 0 ? { kind: 'folder', names: [...names] } : { kind: 'missing' });
    },
    shown: (path) => path,
  };
}

export interface MemoryFile {
  readonly text?: string | undefined;
  readonly mode?: number | undefined;
  readonly userId?: number | undefined;
  readonly groupId?: number | undefined;
  /** An empty folder instead of a file. */
  readonly folder?: boolean | undefined;
}

function entry(file: MemoryFile): HostEntry {
  if (file.folder === true) return { kind: 'folder', names: [] };
  return {
    kind: 'file',
    bytes: new TextEncoder().encode(file.text ?? ''),
    mode: file.mode ?? 0o644,
    userId: file.userId ?? 0,
    groupId: file.groupId ?? 0,
  };
}
