import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../core/index.js';
import { readYamlStream, type YamlPart } from '../formats/index.js';
import {
  applyEdits,
  diffHeading,
  unifiedHunks,
  type DiffRegion,
  type FieldEdit,
  type ManifestFinding,
  type RefusedEdit,
} from '../manifest/index.js';
import { CliError } from './cli-error.js';
import { stdinName } from './manifest-files.js';
import { maxDocumentLength } from './manifest-reading.js';
import { encodeText, FileReader, TextReader, type TextEncoding } from './manifest-text.js';

/** A file before and after its edits. */
export interface MendedFile {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly encoding: TextEncoding;
  /** Where the documents are that were edited, in order. */
  readonly regions: readonly DiffRegion[];
  readonly refused: readonly RefusedFix[];
  /** Findings of which every edit is made. */
  readonly mended: number;
}

/** A finding that was to be mended and was not, with the first reason. */
export interface RefusedFix {
  readonly finding: ManifestFinding;
  readonly reason: string;
}

/**
 * Mends the files of the findings, one after the other, in memory. What was read for the findings is read again: a document
 * that has changed since then keeps its text.
 * @param stdin the text of standard input, if some findings are of it.
 */
export function* mendFiles(findings: readonly ManifestFinding[], stdin: string | undefined): Iterable<MendedFile> {
  const byFile = new Map<string, ManifestFinding[]>();
  for (const finding of findings) {
    if (finding.edits.length === 0) continue;
    const list = byFile.get(finding.place.file);
    if (list) list.push(finding);
    else byFile.set(finding.place.file, [finding]);
  }
  const reader = new FileReader();
  for (const [name, list] of [...byFile].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (name === stdinName) yield mendText({ name, text: stdin ?? '', encoding: 'utf-8' }, list);
    else yield mendText({ name, ...readText(reader, name) }, list);
  }
}

function readText(reader: FileReader, path: string): { readonly text: string; readonly encoding: TextEncoding } {
  const decoder = new TextReader();
  const pieces: string[] = [];
  try {
    for (const piece of reader.pieces(path)) pieces.push(decoder.read(piece));
  } catch (cause) {
    throw new CliError('OUTPUT_NOT_WRITABLE', `cannot mend ${path}: ${messageOf(cause)}`, { cause });
  }
  pieces.push(decoder.finish());
  return { text: pieces.join(''), encoding: decoder.encoding };
}

interface Source {
  readonly name: string;
  readonly text: string;
  readonly encoding: TextEncoding;
}

function mendText({ name, text, encoding }: Source, findings: readonly ManifestFinding[]): MendedFile {
  const parts = partsOf(text);
  const pieces: string[] = [];
  const regions: DiffRegion[] = [];
  const refused: RefusedFix[] = [];
  let mended = 0;
  let at = 0;
  let oldLine = 0;
  let newLine = 0;
  for (const [index, part] of parts.entries()) {
    const wanted = findings.filter(({ place }) => place.document === index);
    if (wanted.length === 0) continue;
    if (part.kind !== 'document' || !text.startsWith(part.text, part.offset)) {
      refused.push(...wanted.map((finding) => ({ finding, reason: 'the file has changed meanwhile' })));
      continue;
    }
    const edited = applyEdits(part, distinct(wanted));
    const reasons = new Map(edited.refused.map((one) => [editKey(one.edit), one]));
    for (const finding of wanted) {
      const why = finding.edits.map((edit) => reasons.get(editKey(edit))).find((one) => one !== undefined);
      if (why) refused.push({ finding, reason: refusalWords(why) });
      else mended++;
    }
    if (edited.text === part.text) continue;
    const between = text.slice(at, part.offset);
    const oldStart = oldLine + lineBreaks(between);
    const newStart = newLine + lineBreaks(between);
    regions.push({
      oldStart,
      oldEnd: oldStart + linesIn(part.text),
      newStart,
      newEnd: newStart + linesIn(edited.text),
    });
    oldLine = oldStart + lineBreaks(part.text);
    newLine = newStart + lineBreaks(edited.text);
    pieces.push(between, edited.text);
    at = part.offset + part.text.length;
  }
  const after = pieces.join('') + text.slice(at);
  if (partsOf(after).length === parts.length) return { name, before: text, after, encoding, regions, refused, mended };
  const all = findings.map((finding) => ({
    finding,
    reason: 'the documents of the file would no longer be told apart',
  }));
  return { name, before: text, after: text, encoding, regions: [], refused: all, mended: 0 };
}

function partsOf(text: string): readonly YamlPart[] {
  return [...readYamlStream(text, { maxDocumentLength })].filter(({ kind }) => kind !== 'empty');
}

function distinct(findings: readonly ManifestFinding[]): readonly FieldEdit[] {
  return [...new Map(findings.flatMap(({ edits }) => edits.map((edit) => [editKey(edit), edit] as const))).values()];
}

function editKey(edit: FieldEdit): string {
  return JSON.stringify(edit);
}

function refusalWords({ code, reason }: RefusedEdit): string {
  return code === 'SHARED' ? `${reason}, and would change with it` : reason;
}

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** With the one that has no end, if there is one. */
function linesIn(text: string): number {
  return lineBreaks(text) + (text.endsWith('\n') ? 0 : 1);
}

/** The unified diff of a mended file; nothing if it stays as it is. */
export function diffOf({ name, before, after, regions }: MendedFile): string {
  const hunks = unifiedHunks(before, after, regions);
  return hunks.length === 0 ? '' : diffHeading(name) + hunks.join('');
}

/**
 * Puts the new text in the place of the old, at once: whoever reads the file sees one or the other. Its mode stays, its
 * owner too where that is allowed, and a link stays a link.
 * @throws CliError `OUTPUT_NOT_WRITABLE`; the old text is still there then.
 */
export function writeMended({ name, after, encoding }: MendedFile): void {
  try {
    const path = realpathSync(name);
    const stats = statSync(path);
    if (!stats.isFile()) throw new Error('it is no regular file');
    const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
    try {
      const file = openSync(temporary, 'wx', 0o600);
      try {
        const bytes = encodeText(after, encoding);
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      keepOwner(temporary, stats);
      chmodSync(temporary, stats.mode & 0o7777);
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  } catch (cause) {
    throw new CliError('OUTPUT_NOT_WRITABLE', `cannot write ${name}: ${messageOf(cause)}`, { cause });
  }
}

function keepOwner(path: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  const own = statSync(path);
  if (own.uid === uid && own.gid === gid) return;
  try {
    chownSync(path, uid, gid);
  } catch {
    // Only root may give files away; for anybody else the new file is their own.
  }
}
