import { open, readdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf } from '../core/index.js';
import {
  chooseRules,
  hasFailed,
  kubesecJson,
  scanKubesec,
  type KubesecCompat,
  type KubesecReport,
  type KubesecRule,
} from '../manifest/index.js';
import type { WordsContext } from './command.js';
import type { KubesecWords } from './kubesec-flags.js';
import { sayFailure } from './kubesec-failure.js';
import { chooseChecks, type ChecksOf } from './kubesec-schemas.js';
import { kubesecTable } from './kubesec-table.js';

/** Past it a file is not read: its text would not fit into one string. */
const maxFileBytes = 256 * 1024 * 1024;

/** Why there is no report; its text is on standard output. */
class KubesecFailure extends Error {}

/** `kubesec scan`. */
export async function scanCommand(context: WordsContext, words: KubesecWords, compat: KubesecCompat): Promise<number> {
  const { terminal } = context;
  try {
    const chosen = chooseRules(words.list('rules') ?? [], compat);
    if ('unknown' in chosen) throw new KubesecFailure(`invalid rule IDs requested: ${chosen.unknown.join(', ')}`);
    const inputs = await inputsOf(words.operands, compat);
    const checks = await chooseChecks(context, words);
    const scan: Scan = { rules: chosen.rules, compat, checks, absolute: words.isOn('absolute-path') };
    const reports: KubesecReport[] = [];
    for (const input of inputs) reports.push(...(await scanInput(input, scan, inputs.length > 1)));
    if (words.isOn('debug')) sayRules(context, reports, chosen.rules);
    const { shown, written } = render(context, words, reports);
    for (const piece of shown) await terminal.write(piece);
    await writeToo(words.text('output'), written, compat);
    return hasFailed(reports, compat) ? Number(words.text('exit-code')) : 0;
  } catch (error) {
    if (error instanceof KubesecFailure) return await sayFailure(terminal, error.message);
    throw error;
  }
}

interface Scan {
  readonly rules: readonly KubesecRule[];
  readonly compat: KubesecCompat;
  readonly checks: ChecksOf;
  readonly absolute: boolean;
}

/** `-` is standard input; a folder stands for the manifests in it. */
type Input = { readonly path: string } | { readonly stdin: true };

async function inputsOf(operands: readonly string[], compat: KubesecCompat): Promise<readonly Input[]> {
  const [first = ''] = operands;
  if (operands.length === 1 && (first === '-' || first === '/dev/stdin')) return [{ stdin: true }];
  if (compat === 'strict') return [{ path: first }];
  const inputs: Input[] = [];
  for (const path of operands) {
    if (await isFolder(path)) inputs.push(...(await manifestsIn(path)).map((file) => ({ path: file })));
    else inputs.push({ path });
  }
  return inputs;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Reading it will say what is wrong.
    return false;
  }
}

const maxFiles = 100_000;

async function manifestsIn(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  const folders = [folder];
  for (let here = folders.pop(); here !== undefined; here = folders.pop()) {
    const entries = await readdir(here, { withFileTypes: true }).catch((error: unknown) => {
      throw new KubesecFailure(systemText('open', here ?? folder, error));
    });
    for (const entry of entries) {
      if (entry.isDirectory()) folders.push(join(here, entry.name));
      else if (/\.(?:ya?ml|json)$/i.test(entry.name)) files.push(join(here, entry.name));
      if (files.length > maxFiles) throw new KubesecFailure(`more than ${maxFiles} files in ${folder}`);
    }
  }
  if (files.length === 0) throw new KubesecFailure(`no manifests (.yaml, .yml, .json) in ${folder}`);
  return files.sort();
}

async function scanInput(input: Input, scan: Scan, isOneOfMany: boolean): Promise<readonly KubesecReport[]> {
  const fileName = 'stdin' in input ? 'STDIN' : scan.absolute ? resolve(input.path) : input.path;
  const text = 'stdin' in input ? await readStdin() : await readManifest(input.path);
  const { rules, compat } = scan;
  const result = scanKubesec(text, { rules, compat, fileName, check: await scan.checks(text) });
  if ('reports' in result) return result.reports;
  throw new KubesecFailure(isOneOfMany ? `${fileName}: ${result.failure}` : result.failure);
}

async function readManifest(path: string): Promise<string> {
  const absolute = resolve(path);
  let action = 'open';
  try {
    const file = await open(absolute, 'r');
    action = 'read';
    return await readAll(file.createReadStream({ highWaterMark: 1 << 20 }), absolute);
  } catch (error) {
    if (error instanceof KubesecFailure) throw error;
    throw new KubesecFailure(systemText(action, absolute, error));
  }
}

async function readStdin(): Promise<string> {
  try {
    return await readAll(process.stdin, '/dev/stdin');
  } catch (error) {
    if (error instanceof KubesecFailure) throw error;
    throw new KubesecFailure(systemText('read', '/dev/stdin', error));
  }
}

/** Files may be devices, which never end. */
async function readAll(stream: AsyncIterable<Uint8Array | string>, name: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream) {
    if (typeof piece === 'string') continue;
    length += piece.length;
    if (length > maxFileBytes) throw new KubesecFailure(`read ${name}: more than ${maxFileBytes} bytes`);
    pieces.push(piece);
  }
  return decode(Buffer.concat(pieces));
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

const systemTexts: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
};

function systemText(action: string, path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return `${action} ${path}: ${systemTexts[code] ?? messageOf(error)}`;
}

/** What standard output gets, and what the file gets. */
function render(
  { terminal }: WordsContext,
  words: KubesecWords,
  reports: readonly KubesecReport[],
): { readonly shown: Iterable<string>; readonly written: () => string } {
  switch (words.text('format')) {
    case 'json': {
      return { shown: kubesecJson(reports), written: () => [...kubesecJson(reports)].join('').slice(0, -1) };
    }
    case 'table': {
      const table = kubesecTable(reports, { color: terminal.colors.stdout, columns: terminal.columns });
      return {
        shown: [table],
        written: () => kubesecTable(reports, { color: false, columns: undefined }).slice(0, -1),
      };
    }
    case 'template':
      if ((words.text('template') ?? '') === '') {
        throw new KubesecFailure('template is unset, please specify with --template');
      }
      throw new KubesecFailure('templates of Go are not supported, please specify --format json and format that');
    default:
      throw new KubesecFailure('unrecognized format specified');
  }
}

/** The original says nothing of a file that it could not write. */
async function writeToo(path: string | undefined, text: () => string, compat: KubesecCompat): Promise<void> {
  if (path === undefined || path === '') return;
  try {
    await writeFile(path, text(), { mode: 0o644 });
  } catch (error) {
    if (compat === 'strict') return;
    throw new KubesecFailure(systemText('open', resolve(path), error));
  }
}

function sayRules({ terminal }: WordsContext, reports: readonly KubesecReport[], rules: readonly KubesecRule[]): void {
  for (const { object, scoring } of reports) {
    for (const { id } of rules) {
      const list = (['critical', 'passed', 'advise'] as const).find((name) =>
        scoring[name].some((rule) => rule.id === id),
      );
      if (list) terminal.say(`debug: ${object} ${list} ${id}`);
    }
  }
}
