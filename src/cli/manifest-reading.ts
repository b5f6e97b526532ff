import { createReadStream } from 'node:fs';
import { ConfigError } from '../config/index.js';
import { asObject, YamlReader, type YamlPart } from '../formats/index.js';
import type { ManifestUnknown } from '../manifest/index.js';
import { CliError } from './cli-error.js';
import type { CommandContext } from './command.js';
import {
  findManifests,
  isKustomizationFile,
  kustomizationUnknown,
  unreadable,
  type ManifestFile,
} from './manifest-files.js';
import { FileReader, maxInputBytes, TextReader } from './manifest-text.js';
import { unknownOf } from './manifest-unknown.js';

/** Characters of one document. Kubernetes takes objects of about a million. */
export const maxDocumentLength = 16 * 1024 * 1024;
/** How many documents of a file that are no manifests are told one by one. */
const maxTold = 100;

/** Told of every document that is to be judged, and of broken ones. */
export type VisitPart = (file: ManifestFile, part: YamlPart, documentIndex: number) => void;

export interface ManifestsRead {
  readonly unknowns: readonly ManifestUnknown[];
  /** Files of folders and patterns in which there is no manifest. */
  readonly skippedFiles: number;
  /** What came from standard input, if it was to be kept. */
  readonly stdin: string | undefined;
}

export interface ReadOptions {
  /** Standard input once it has been read. */
  readonly stdin?: string | undefined;
  readonly keepStdin?: boolean | undefined;
  /** All will be read again: other pipes than standard input cannot be. */
  readonly isRepeated?: boolean | undefined;
}

/**
 * Reads all that the words of a command line stand for, document by document; what cannot be read becomes an unknown.
 * @throws CliError `NO_MANIFESTS` when the words stand for nothing at all; ConfigError `CONFLICT` for a pipe that is to be
 * read twice.
 */
export async function readManifests(
  context: CommandContext,
  words: readonly string[],
  visit: VisitPart,
  options: ReadOptions = {},
): Promise<ManifestsRead> {
  const intake = new Intake(visit);
  let missing = 0;
  let stdin = options.stdin;
  let files = 0;
  for (const found of findManifests(words)) {
    if ('unknown' in found) {
      intake.unknowns.push(found.unknown);
      if (found.isMissing) missing++;
      continue;
    }
    const { file } = found;
    if (!file.isStdin && file.isStream && options.isRepeated) {
      throw new ConfigError('CONFLICT', `${file.name} is a pipe, and cannot be mended`, { hint: 'use - instead' });
    }
    if (!file.isStdin && file.isStream) await intake.addStream(file, createReadStream(file.name), false);
    else if (!file.isStdin) intake.addFile(file);
    else if (stdin === undefined) stdin = await intake.addStream(file, process.stdin, options.keepStdin === true);
    else intake.addText(file, stdin);
    if (++files % 256 !== 0) continue;
    context.progress?.({ task: 'reading manifests', done: files, unit: 'items' });
    await new Promise((resolve) => setImmediate(resolve));
    context.signal.throwIfAborted();
  }
  const { unknowns, skippedFiles, documents } = intake;
  if (documents === 0 && unknowns.length === missing) throw nothingFound(words, unknowns[0], skippedFiles);
  return { unknowns, skippedFiles, stdin };
}

function nothingFound(words: readonly string[], first: ManifestUnknown | undefined, skipped: number): CliError {
  const shown = words.slice(0, 3).join(' ');
  const passed = skipped > 0 ? ` (${skipped} files have no apiVersion and kind)` : '';
  const reason = first ? `${first.place.file}: ${first.reason}` : `there are no manifests in ${shown}${passed}`;
  return new CliError('NO_MANIFESTS', reason, {
    hint: 'name files, folders or patterns of YAML or JSON, or - for standard input',
  });
}

class Intake {
  readonly unknowns: ManifestUnknown[] = [];
  skippedFiles = 0;
  /** That were handed on. */
  documents = 0;
  readonly #visit: VisitPart;
  readonly #reader = new FileReader();

  constructor(visit: VisitPart) {
    this.#visit = visit;
  }

  addFile(file: ManifestFile): void {
    if (isKustomizationFile(file.name)) {
      this.unknowns.push(kustomizationUnknown(file.name));
      return;
    }
    const one = new FileIntake(file, this.#visit);
    try {
      const text = new TextReader();
      let bytes = 0;
      for (const piece of this.#reader.pieces(file.name)) {
        bytes += piece.length;
        if (bytes > maxInputBytes) {
          one.tooLong();
          break;
        }
        one.push(text.read(piece), text);
      }
      one.finish(text);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      one.unknowns.push(unknownOf('FILE_UNREADABLE', file.name, unreadable(error)));
    }
    this.#take(one);
  }

  /** @returns the text, if it is to be kept. */
  async addStream(file: ManifestFile, stream: AsyncIterable<Uint8Array>, keep: boolean): Promise<string | undefined> {
    const one = new FileIntake(file, this.#visit);
    const text = new TextReader();
    const kept: string[] = [];
    let bytes = 0;
    try {
      for await (const piece of stream) {
        bytes += piece.length;
        if (bytes > maxInputBytes) {
          one.tooLong();
          break;
        }
        const read = text.read(piece);
        if (keep) kept.push(read);
        one.push(read, text);
      }
    } catch (error) {
      if (!isSystemError(error)) throw error;
      one.unknowns.push(unknownOf('FILE_UNREADABLE', file.name, unreadable(error)));
    }
    const last = one.finish(text);
    this.#take(one);
    return keep ? `${kept.join('')}${last}` : undefined;
  }

  addText(file: ManifestFile, text: string): void {
    const one = new FileIntake(file, this.#visit);
    const reader = new TextReader();
    one.push(text, reader);
    one.finish(reader);
    this.#take(one);
  }

  #take(one: FileIntake): void {
    this.unknowns.push(...one.unknowns);
    this.documents += one.handedOn;
    if (one.isSkipped) this.skippedFiles++;
  }
}

/** What is no manifest, until it is known whether its file holds any. */
interface Other {
  readonly line: number;
  readonly index: number;
}

/** One file on its way to whoever judges it. */
class FileIntake {
  readonly unknowns: ManifestUnknown[] = [];
  handedOn = 0;
  isSkipped = false;
  readonly #file: ManifestFile;
  readonly #visit: VisitPart;
  readonly #documents = new YamlReader({ maxDocumentLength });
  readonly #others: Other[] = [];
  #index = 0;
  #otherCount = 0;

  constructor(file: ManifestFile, visit: VisitPart) {
    this.#file = file;
    this.#visit = visit;
  }

  push(text: string, reader: TextReader): void {
    for (const part of this.#documents.push(text)) this.#take(part, reader);
  }

  /** @returns the text that was still to come. */
  finish(reader: TextReader): string {
    const text = reader.finish();
    this.push(text, reader);
    for (const part of this.#documents.finish()) this.#take(part, reader);
    this.#end();
    return text;
  }

  tooLong(): void {
    const reason = `it has more than ${maxInputBytes} bytes: the rest was not looked at`;
    this.unknowns.push(unknownOf('DOCUMENT_TOO_LARGE', this.#file.name, reason));
  }

  #take(part: YamlPart, reader: TextReader): void {
    if (part.kind === 'empty') return;
    const index = this.#index++;
    const line = part.kind === 'broken' ? part.firstLine : part.line;
    if (reader.hasWrongBytes && part.text.includes('\ufffd')) {
      const reason = 'it holds bytes that are no text in UTF-8 or UTF-16';
      const place = { file: this.#file.name, line, column: 1, document: index };
      this.unknowns.push({ code: 'DOCUMENT_BROKEN', place, reason });
      this.handedOn++;
    } else if (part.kind === 'document' && isKustomization(part.value)) {
      const unknown = kustomizationUnknown(this.#file.name);
      this.unknowns.push({ ...unknown, place: { ...unknown.place, line, document: index } });
    } else if (this.#file.isNamed || mayBeManifest(part)) {
      this.handedOn++;
      this.#visit(this.#file, part, index);
    } else {
      this.#otherCount++;
      if (this.#others.length < maxTold) this.#others.push({ line, index });
    }
  }

  #end(): void {
    const { name, isNamed } = this.#file;
    if (this.handedOn === 0 && this.unknowns.length === 0) {
      if (isNamed) this.unknowns.push(unknownOf('NO_MANIFESTS', name, 'there is no manifest in it'));
      else this.isSkipped = true;
      return;
    }
    if (this.handedOn === 0) return;
    for (const { line, index } of this.#others) {
      const place = { file: name, line, column: 1, document: index };
      this.unknowns.push({ code: 'OBJECT_INVALID', place, reason: 'it has no apiVersion and no kind' });
    }
    const untold = this.#otherCount - this.#others.length;
    if (untold > 0) this.unknowns.push(unknownOf('OBJECT_INVALID', name, `${untold} more documents like these`));
  }
}

/** In files that nobody named: is it meant for Kubernetes? What is broken counts if its words say so. */
function mayBeManifest(part: YamlPart): boolean {
  if (part.kind !== 'document')
    return part.kind === 'broken' && (part.pastBound || /\b(?:apiVersion|kind)\b["']?[ \t]*:/.test(part.text));
  const object = asObject(part.value);
  if (!object || typeof object.kind !== 'string') return false;
  return (
    typeof object.apiVersion === 'string' ||
    asObject(object.metadata) !== undefined ||
    asObject(object.spec) !== undefined
  );
}

function isKustomization(value: (YamlPart & { readonly kind: 'document' })['value']): boolean {
  const apiVersion = asObject(value)?.apiVersion;
  return typeof apiVersion === 'string' && apiVersion.startsWith('kustomize.config.k8s.io/');
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
