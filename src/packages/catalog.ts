import { messageOf } from '../core/index.js';
import { compileGlob, type GlobMatcher } from '../formats/index.js';
import type { Unknown } from '../findings/index.js';
import type { LayerEntry, LayerProof, LayerVisitor } from '../image/index.js';
import type { Cataloged, CatalogedFile, Cataloger, CatalogProblem, CatalogSession } from './cataloger.js';
import * as registered from './catalogers/index.js';
import type { LayerFacts } from './layer-facts.js';
import { PathListing } from './path-listing.js';
import { joinCataloged } from './per-file.js';

/** All catalogers, by id. */
export const catalogers: readonly Cataloger[] = Object.values(registered).sort((a, b) => (a.id < b.id ? -1 : 1));

/** What to look for, and where not. */
export interface CatalogOptions {
  /** Language packages only where asked for. The system and its packages always: they own files of language packages. */
  readonly kinds: { readonly language: boolean };
  /** Patterns as `compileGlob` reads them, anchored at the root; `/` or `./` in front and `/` behind do not matter. */
  readonly skipFiles?: readonly string[] | undefined;
  /** Nothing below a folder that one of these matches is cataloged. */
  readonly skipDirs?: readonly string[] | undefined;
}

/** Collects the facts of one layer: let the visitor see the whole layer, then finish, once. */
export interface LayerCatalog {
  readonly visitor: LayerVisitor;
  finish(proof: LayerProof): LayerFacts;
}

/** Unknowns of one layer are named up to this number; the rest is counted. */
const maxUnknowns = 500;
/** Files, and links in their places, that one layer may have for catalogers. */
const maxFiles = 200_000;

/**
 * A catalog of one layer. It offers every file to every cataloger that is asked for, and turns what goes wrong
 * with a file into an unknown that names path, layer and cataloger: nothing about a layer's content makes it throw.
 * @throws FormatError for a pattern that is none.
 */
export function createLayerCatalog(options: CatalogOptions): LayerCatalog {
  return new Driver(options);
}

/** Changes with every option and every version of a cataloger: facts kept under another one are not ours. */
export function catalogFingerprint(options: CatalogOptions): string {
  return JSON.stringify({
    form: 1,
    catalogers: chosen(options).map((each) => [each.id, each.version]),
    owners: catalogers.filter((each) => each.kind === 'language').map((each) => [each.id, each.version]),
    skipFiles: [...new Set(options.skipFiles ?? [])].sort(),
    skipDirs: [...new Set(options.skipDirs ?? [])].sort(),
  });
}

function chosen({ kinds }: CatalogOptions): readonly Cataloger[] {
  return catalogers.filter((each) => each.kind === 'os' || kinds.language);
}

/** A cataloger at work in one layer. */
interface Worker {
  readonly cataloger: Cataloger;
  readonly session: CatalogSession;
}

class Driver implements LayerCatalog, LayerVisitor {
  readonly #workers: readonly Worker[];
  readonly #skips: (path: string) => boolean;
  readonly #paths = new PathListing();
  /** By path: of a path that comes twice the later counts. */
  readonly #links = new Map<string, string>();
  readonly #failures = new Map<string, Failure>();
  /** Wanted hard links whose bytes have not come. */
  readonly #waiting = new Set<string>();
  #admitted = 0;
  #refused = 0;

  constructor(options: CatalogOptions) {
    this.#workers = chosen(options).map((cataloger) => ({ cataloger, session: cataloger.start() }));
    this.#skips = skipper(options);
  }

  get visitor(): LayerVisitor {
    return this;
  }

  entry({ path, kind, linkTarget }: LayerEntry): void {
    this.#paths.add(path, kind);
    // What stood here before in this layer is replaced.
    this.#links.delete(path);
    this.#waiting.delete(path);
    if (kind !== 'symlink' && kind !== 'hardlink') return;
    if (!declared(this.#workersFor(path), path)) return;
    if (kind === 'hardlink') this.#waiting.add(path);
    else if (this.#admit()) this.#links.set(path, linkTarget ?? '');
  }

  wants({ path, kind }: LayerEntry): number {
    const workers = this.#workersFor(path);
    if (workers.length === 0) return 0;
    for (const { cataloger, session } of workers) if (cataloger.maxBytes === 0) session.present?.(path);
    const allowed = Math.max(...workers.map(({ cataloger }) => cataloger.maxBytes));
    // The bytes of a hard link cost another reading of the layer: details are not worth that.
    const isWorthIt = allowed > 0 && (kind === 'file' || declared(workers, path));
    if (isWorthIt && this.#admit()) return allowed;
    this.#waiting.delete(path);
    return 0;
  }

  file({ path }: LayerEntry, bytes: Uint8Array): void {
    this.#waiting.delete(path);
    const file = new LayerFile(path, bytes);
    for (const { cataloger, session } of this.#workersFor(path)) {
      if (cataloger.maxBytes === 0) continue;
      if (bytes.length > cataloger.maxBytes) {
        this.#tooLarge(path, cataloger, cataloger.maxBytes);
        continue;
      }
      this.#failures.delete(failureKey(path, cataloger));
      try {
        session.file(file);
      } catch (error) {
        this.#fail(path, cataloger, { code: codeOf(cataloger), reason: `it cannot be read: ${messageOf(error)}` });
      }
    }
  }

  tooLarge({ path }: LayerEntry, allowedBytes: number): void {
    this.#waiting.delete(path);
    for (const { cataloger } of this.#workersFor(path)) this.#tooLarge(path, cataloger, allowedBytes);
  }

  unresolved({ path }: LayerEntry): void {
    this.#waiting.add(path);
  }

  finish(proof: LayerProof): LayerFacts {
    if (this.#refused > 0) {
      this.#fail(`${this.#refused} more files`, undefined, {
        code: 'FILE_TOO_LARGE',
        reason: `the layer has more than ${maxFiles} files that may describe packages: ${this.#refused} of them were not read`,
      });
    }
    for (const path of this.#waiting) {
      this.#fail(path, undefined, {
        code: 'LINK_UNRESOLVED',
        reason: 'it is a hard link to a file that this layer does not have: its content was not assessed',
      });
    }
    const results = this.#workers.map((worker) => this.#finish(worker, proof.diffId));
    const joined = joinCataloged(results.map((each) => each.cataloged));
    const failures = Array.from(this.#failures.values(), (each) => toUnknown(each, proof.diffId));
    const unknowns = [...results.flatMap((each) => each.unknowns), ...failures];
    return {
      uncompressedBytes: proof.uncompressedBytes,
      entryCount: this.#paths.count,
      operatingSystems: joined.operatingSystems,
      repository: joined.repository,
      lists: joined.lists,
      ownedFiles: joined.ownedFiles.filter(mayDescribePackage),
      licenses: joined.licenses,
      links: Array.from(this.#links, ([path, target]) => ({ path, target })),
      paths: this.#paths,
      unknowns: capped(unknowns, proof.diffId),
    };
  }

  #finish({ cataloger, session }: Worker, layer: string): { cataloged: Cataloged; unknowns: readonly Unknown[] } {
    try {
      const cataloged = session.finish();
      const problems = cataloged.problems ?? [];
      return { cataloged, unknowns: problems.map((problem) => toUnknown({ ...problem, cataloger }, layer)) };
    } catch (error) {
      const reason = `the files of this kind cannot be read: ${messageOf(error)}`;
      const failure = { code: codeOf(cataloger), path: cataloger.id, cataloger, reason };
      return { cataloged: {}, unknowns: [toUnknown(failure, layer)] };
    }
  }

  /** Counts one more file; `false` once there are too many. */
  #admit(): boolean {
    if (this.#admitted < maxFiles) {
      this.#admitted++;
      return true;
    }
    this.#refused++;
    return false;
  }

  #tooLarge(path: string, cataloger: Cataloger, allowedBytes: number): void {
    this.#fail(path, cataloger, {
      code: 'FILE_TOO_LARGE',
      reason: `it has more than the ${allowedBytes} bytes that are read of such a file: its content was not assessed`,
    });
  }

  #fail(path: string, cataloger: Cataloger | undefined, what: Pick<Failure, 'code' | 'reason'>): void {
    this.#failures.set(failureKey(path, cataloger), { ...what, path, cataloger });
  }

  #workersFor(path: string): readonly Worker[] {
    let found: Worker[] | undefined;
    for (const worker of this.#workers) {
      if (!worker.cataloger.wants(path)) continue;
      found ??= [];
      found.push(worker);
    }
    return found && !this.#skips(path) ? found : none;
  }
}

function declared(workers: readonly Worker[], path: string): boolean {
  return workers.some(({ cataloger }) => declares(cataloger, path));
}

/** Would packages, or the system, be missed without this wanted file? */
export function declares(cataloger: Cataloger, path: string): boolean {
  return cataloger.tells !== 'details' && (cataloger.declares?.(path) ?? true);
}

const none: readonly Worker[] = [];

interface Failure {
  readonly code: CatalogProblem['code'] | 'FILE_TOO_LARGE' | 'LINK_UNRESOLVED';
  readonly path: string;
  readonly reason: string;
  readonly cataloger: Cataloger | undefined;
}

function failureKey(path: string, cataloger: Cataloger | undefined): string {
  return `${cataloger?.id ?? ''} ${path}`;
}

const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: false });

class LayerFile implements CatalogedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  #text: string | undefined;

  constructor(path: string, bytes: Uint8Array) {
    this.path = path;
    this.bytes = bytes;
  }

  text(): string {
    this.#text ??= decoder.decode(this.bytes);
    return this.#text;
  }
}

/** The code of a file that a cataloger refused altogether. */
function codeOf({ kind, tells }: Cataloger): CatalogProblem['code'] {
  if (tells !== 'packages') return 'FILE_UNREADABLE';
  return kind === 'os' ? 'PACKAGE_DATABASE_CORRUPT' : 'PACKAGE_UNREADABLE';
}

/** How unknowns, and packages, name a cataloger. */
export function nameOf({ id, type }: Cataloger): string {
  return type ?? id;
}

function toUnknown({ code, path, reason, cataloger }: Failure, layer: string): Unknown {
  return { code, subject: path, reason, layer, cataloger: cataloger && nameOf(cataloger) };
}

/** A hostile layer can have a million broken files; naming some of them says enough. */
function capped(unknowns: readonly Unknown[], layer: string): readonly Unknown[] {
  const first = unknowns[maxUnknowns];
  if (!first) return unknowns;
  const reason = `${unknowns.length - maxUnknowns} more things in this layer could not be assessed`;
  return [...unknowns.slice(0, maxUnknowns), { code: first.code, subject: `${layer} (more)`, reason, layer }];
}

/** Would a language cataloger read this file? */
function mayDescribePackage(path: string): boolean {
  return catalogers.some((each) => each.kind === 'language' && each.wants(path));
}

function skipper({ skipFiles = [], skipDirs = [] }: CatalogOptions): (path: string) => boolean {
  const files = skipFiles.map(anchored);
  const dirs = skipDirs.map(anchored);
  if (files.length === 0 && dirs.length === 0) return () => false;
  return (path) => {
    if (files.some((matches) => matches(path))) return true;
    for (let at = path.indexOf('/'); at >= 0 && dirs.length > 0; at = path.indexOf('/', at + 1)) {
      const folder = path.slice(0, at);
      if (dirs.some((matches) => matches(folder))) return true;
    }
    return false;
  };
}

function anchored(pattern: string): GlobMatcher {
  return compileGlob(pattern.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, ''));
}
