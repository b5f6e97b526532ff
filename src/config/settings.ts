import type { JsonValue } from '../formats/index.js';
import type { OptionValue } from './values.js';

/** A value that somebody gave, and where. */
export interface Setting {
  readonly value: OptionValue;
  /** Of a list: the texts that its elements were read from, one each time it was given. */
  readonly texts?: readonly string[] | undefined;
  readonly source: 'command line' | 'environment' | 'configuration file';
  /** As the user would find it: `--severity`, `TIDEWAITER_SEVERITY`, `severity in tidewaiter.yaml`. */
  readonly origin: string;
}

/** What the configuration file has under a key that is no option's, unchecked. */
export interface FileSetting {
  readonly value: JsonValue;
  /** `registry.mirrors in tidewaiter.yaml`. */
  readonly origin: string;
  /** Of the file. */
  readonly path: string;
}

/** The options of a run after precedence: given ones, and the defaults of the others. */
export class Settings {
  readonly #given: ReadonlyMap<string, Setting>;
  readonly #defaults: ReadonlyMap<string, OptionValue>;
  readonly #fromFile: ReadonlyMap<string, FileSetting>;

  constructor(
    given: ReadonlyMap<string, Setting>,
    defaults: ReadonlyMap<string, OptionValue>,
    fromFile: ReadonlyMap<string, FileSetting> = new Map(),
  ) {
    this.#given = given;
    this.#defaults = defaults;
    this.#fromFile = fromFile;
  }

  /** What was given, if anything was; a default is not. */
  given(name: string): Setting | undefined {
    return this.#given.get(name);
  }

  /** Where to look for a wrong value; the flag where it is a default. */
  origin(name: string): string {
    return this.#given.get(name)?.origin ?? `--${name}`;
  }

  /** Undefined for an empty text too. */
  text(name: string): string | undefined {
    const value = this.#value(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  number(name: string): number | undefined {
    const value = this.#value(name);
    return typeof value === 'number' ? value : undefined;
  }

  isOn(name: string): boolean {
    return this.#value(name) === true;
  }

  list(name: string): readonly string[] {
    const value = this.#value(name);
    return typeof value === 'object' ? value : [];
  }

  /** The value of a `FileKey`, if the configuration file has it. */
  fromFile(key: string): FileSetting | undefined {
    return this.#fromFile.get(key);
  }

  #value(name: string): OptionValue | undefined {
    return this.#given.get(name)?.value ?? this.#defaults.get(name);
  }
}
