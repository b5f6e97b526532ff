import { FormatError, messageOf } from '../core/index.js';
import { type JsonValue, parseJson } from '../formats/index.js';
import type { DatabaseDraft } from './draft.js';

/** A form in which advisories are published: how it is told from others, and what it says. */
export interface Feed {
  readonly id: string;
  /** For people: `Alpine secdb`. */
  readonly title: string;
  /** Is this file of that form? Decided by content; must not throw for any text. */
  recognizes(file: FeedFile): boolean;
  /**
   * Writes all that the file says into the draft.
   * @throws FormatError if the file breaks the form: nothing in it is left out in silence.
   */
  read(file: FeedFile, draft: DatabaseDraft, options: FeedOptions): void;
}

export interface FeedOptions {
  /** The database is made from the reviewed table of the starter database. */
  readonly starter: boolean;
}

/** The longest file of a feed; a JSON text of more cannot be parsed. */
export const maxFeedFileBytes = 400 * 1024 * 1024;

const decoder = new TextDecoder('utf-8', { fatal: true });
const maxSniffLines = 1000;

/** One file of a source, decoded when somebody asks. */
export class FeedFile {
  /** Path, and inside an archive `archive:path`. */
  readonly name: string;
  readonly #bytes: Uint8Array;
  #text: string | undefined;
  #isBroken = false;
  #json: { readonly value: JsonValue } | undefined;

  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    this.#bytes = bytes;
  }

  /** @throws FormatError if it is no UTF-8 text. */
  text(): string {
    try {
      this.#text ??= decoder.decode(this.#bytes);
    } catch (cause) {
      throw new FormatError('INVALID', 'not a UTF-8 text', { cause });
    }
    return this.#text;
  }

  /** @throws FormatError if it is no JSON. */
  json(): JsonValue {
    this.#json ??= { value: parseJson(this.text(), { maxBytes: maxFeedFileBytes }) };
    return this.#json.value;
  }

  /** Does the text begin as a JSON object or array of objects does? It may still be broken. */
  get looksLikeJson(): boolean {
    return /^\s{0,100}(?:\{\s{0,100}["}]|\[\s{0,100}[[{\]])/.test(this.head);
  }

  /** The JSON value, if the file looks like JSON and is. */
  jsonOrNothing(): JsonValue | undefined {
    if (this.#isBroken || !this.looksLikeJson) return undefined;
    try {
      return this.json();
    } catch (cause) {
      this.#isBroken = true;
      if (cause instanceof FormatError) return undefined;
      throw new Error(`cannot read JSON: ${messageOf(cause)}`, { cause });
    }
  }

  /** The first characters, for recognising; empty for what is no text. */
  get head(): string {
    const bytes = this.#bytes.subarray(0, 256);
    return bytes.includes(0) ? '' : new TextDecoder().decode(bytes);
  }

  /** The first line that is neither empty, a comment nor the start of a YAML document; empty for what is no text. */
  firstLine(): string {
    const head = this.#bytes.subarray(0, 256 * 1024);
    if (head.includes(0)) return '';
    const lines = new TextDecoder().decode(head).split('\n', maxSniffLines);
    const line = lines.find((text) => text.trim() !== '' && !text.startsWith('#') && !/^(?:---|%YAML)/.test(text));
    return line?.trimEnd() ?? '';
  }
}
