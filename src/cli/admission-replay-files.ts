import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  JsonCutter,
  readReplayCases,
  type JsonPiece,
  type ReplayCase,
  type ReplayReading,
} from '../admission/index.js';
import { ConfigError } from '../config/index.js';
import { FormatError } from '../core/index.js';
import { compareText } from '../findings/index.js';
import { parseJson, YamlReader, type JsonValue, type YamlPart } from '../formats/index.js';
import type { CommandContext } from './command.js';
import { stdinName, unreadable } from './manifest-files.js';
import { TextReader } from './manifest-text.js';

/** A part of the input, and where it begins. */
export interface ReplayPart {
  /** `dump.json:12`. */
  readonly place: string;
  readonly cases: readonly ReplayCase[];
}

/** Characters of one document, or of one element of a list in JSON. */
const maxLength = 32 * 1024 * 1024;
const maxFolderDepth = 32;
const maxFiles = 100_000;

/**
 * All that the words stand for, part by part and never more than one of them in memory: files, `-` for standard input, and
 * folders with the JSON, JSON lines, YAML and logs in them.
 * @throws ConfigError `FILE_NOT_FOUND`
 */
export async function* replayParts(
  context: CommandContext,
  words: readonly string[],
  namespace: string | undefined,
): AsyncIterable<ReplayPart> {
  for (const word of words) {
    if (word !== '-' && !statSync(word, { throwIfNoEntry: false })) {
      throw new ConfigError('FILE_NOT_FOUND', `there is no file ${word}`, {
        hint: 'name a file or folder that exists, or - for standard input',
      });
    }
  }
  for (const word of words) {
    for (const found of word === '-' ? ['-'] : filesIn(word)) {
      if (typeof found === 'string') yield* partsOf(context, found, namespace);
      else yield found;
    }
  }
}

/** Paths of files, and parts that tell of what cannot be looked into. */
function* filesIn(word: string): Iterable<string | ReplayPart> {
  let count = 0;
  function* walk(path: string, depth: number): Iterable<string | ReplayPart> {
    try {
      const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => compareText(a.name, b.name));
      for (const { name } of entries) {
        const inner = join(path, name);
        if (name.startsWith('.')) continue;
        if (statSync(inner, { throwIfNoEntry: false })?.isDirectory()) {
          if (depth < maxFolderDepth) yield* walk(inner, depth + 1);
          else yield broken(inner, `folders nested deeper than ${maxFolderDepth} levels`);
        } else if (/\.(?:json|jsonl|ndjson|ya?ml|log)$/i.test(name)) {
          if (++count > maxFiles) {
            yield broken(inner, `more than ${maxFiles} files: the rest was not looked at`);
            return;
          }
          yield inner;
        }
      }
    } catch (error) {
      if (!isSystemError(error)) throw error;
      yield broken(path, unreadable(error));
    }
  }
  if (!statSync(word).isDirectory()) yield word;
  else {
    yield* walk(word, 0);
    if (count === 0) yield broken(word, 'there is no JSON, YAML or log in this folder');
  }
}

async function* partsOf(
  context: CommandContext,
  path: string,
  namespace: string | undefined,
): AsyncIterable<ReplayPart> {
  const name = path === '-' ? stdinName : path;
  const text = new TextReader();
  const intake = new Intake(name, { namespace }, text);
  try {
    const stream: AsyncIterable<Uint8Array> = path === '-' ? process.stdin : createReadStream(path);
    for await (const bytes of stream) {
      context.signal.throwIfAborted();
      yield* intake.push(text.read(bytes));
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    yield broken(name, unreadable(error));
  }
  yield* intake.push(text.finish());
  yield* intake.finish();
}

/** One file: texts of JSON one after the other, or documents of YAML, as its first character tells. */
class Intake {
  readonly #name: string;
  readonly #reading: ReplayReading;
  readonly #text: TextReader;
  #blank = '';
  #json: JsonCutter | undefined;
  #yaml: YamlReader | undefined;

  constructor(name: string, reading: ReplayReading, text: TextReader) {
    this.#name = name;
    this.#reading = reading;
    this.#text = text;
  }

  *push(text: string): Iterable<ReplayPart> {
    let piece = text;
    if (!this.#json && !this.#yaml) {
      piece = this.#blank + text;
      const first = /[^\s\ufeff]/.exec(piece)?.[0];
      this.#blank = first === undefined ? piece : '';
      if (first === undefined && piece.length < maxLength) return;
      if (first === '{' || first === '[') this.#json = new JsonCutter(maxLength);
      else this.#yaml = new YamlReader({ maxDocumentLength: maxLength });
    }
    if (this.#json) for (const one of this.#json.push(piece)) yield this.#ofJson(one);
    else if (this.#yaml) for (const one of this.#yaml.push(piece)) yield* this.#ofYaml(one);
  }

  *finish(): Iterable<ReplayPart> {
    if (this.#json) for (const one of this.#json.finish()) yield this.#ofJson(one);
    else if (this.#yaml) for (const one of this.#yaml.finish()) yield* this.#ofYaml(one);
    else yield broken(this.#name, 'there is nothing in it');
  }

  #ofJson({ text, line, around, broken: why }: JsonPiece): ReplayPart {
    const place = `${this.#name}:${line}`;
    if (why !== undefined) return broken(place, why);
    if (this.#isGarbled(text)) return broken(place, garbled);
    let value: JsonValue;
    try {
      value = parseJson(text, { maxBytes: maxLength });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return broken(place, error.code === 'INVALID' ? 'it is no JSON' : error.message);
    }
    return { place, cases: readReplayCases(value, { ...this.#reading, element: elementOf(around) }) };
  }

  *#ofYaml(part: YamlPart): Iterable<ReplayPart> {
    if (part.kind === 'empty') return;
    const place = `${this.#name}:${part.line}`;
    if (part.kind === 'broken') {
      const hint = part.pastBound ? ' (large dumps are read piece by piece as JSON: kubectl get -o json)' : '';
      yield broken(place, `${part.reason}${hint}`);
    } else if (this.#isGarbled(part.text)) yield broken(place, garbled);
    else yield { place, cases: readReplayCases(part.value, this.#reading) };
  }

  #isGarbled(text: string): boolean {
    return this.#text.hasWrongBytes && text.includes('\ufffd');
  }
}

const garbled = 'it holds bytes that are no text';

/** Elements of a list that the API itself wrote have no kind of their own. */
function elementOf(around: string | undefined): ReplayReading['element'] {
  const kind = around === undefined ? undefined : /"kind"\s*:\s*"([A-Za-z]{1,100})List"/.exec(around)?.[1];
  const apiVersion = around === undefined ? undefined : /"apiVersion"\s*:\s*"([a-z0-9./-]{1,200})"/.exec(around)?.[1];
  return kind === undefined || apiVersion === undefined ? undefined : { kind, apiVersion };
}

function broken(place: string, reason: string): ReplayPart {
  return { place, cases: [{ kind: 'unreadable', reason }] };
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
