import { asArray, type JsonValue } from '../formats/index.js';
import { closest } from './closest.js';
import { ConfigError } from './config-error.js';
import type { ConfigFile } from './config-file.js';
import { environmentName, type OldName, type Option } from './option.js';
import { Settings, type FileSetting, type Setting } from './settings.js';
import { isSwitchWord, readValue, splitList, type OptionValue } from './values.js';

/** One option as it stood on the command line; a switch without a value has the text `true`. */
export interface GivenOption {
  readonly name: string;
  readonly text: string;
}

export interface SettingSources {
  /** In the order given. */
  readonly commandLine: readonly GivenOption[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly configFile?: ConfigFile | undefined;
}

export interface KnownOptions {
  readonly options: readonly Option[];
  readonly oldNames: readonly OldName[];
  /** Keys of the configuration file that other commands read, or nobody yet. */
  readonly otherKeys?: readonly string[] | undefined;
  /** Keys of the configuration file that no option has, kept as they stand. */
  readonly fileKeys?: readonly string[] | undefined;
  /** Starts of paths that are known and change nothing, and why. */
  readonly keysWithoutEffect?: ReadonlyMap<string, string> | undefined;
}

export interface ResolvedSettings {
  readonly settings: Settings;
  /** Sentences: a former name, an unknown key. */
  readonly warnings: readonly string[];
  /** Sentences: what has no effect here. */
  readonly notes: readonly string[];
}

/**
 * Command line before environment before configuration file before default; every value is checked, wherever it
 * stands, and nothing that was asked for is passed over in silence.
 * @throws ConfigError `INVALID_VALUE`, `NOT_SERVED` for what is refused, `OPTION_GONE` for a name that is no more.
 */
export function resolveSettings(known: KnownOptions, sources: SettingSources): ResolvedSettings {
  const resolver = new Resolver(known);
  if (sources.configFile) resolver.addConfigFile(sources.configFile);
  resolver.addEnvironment(sources.environment);
  resolver.addCommandLine(sources.commandLine);
  return resolver.finish();
}

class Resolver {
  readonly #known: KnownOptions;
  readonly #byName: ReadonlyMap<string, Option>;
  readonly #oldByName: ReadonlyMap<string, OldName>;
  readonly #given = new Map<string, Setting>();
  readonly #fromFile = new Map<string, FileSetting>();
  readonly #warnings: string[] = [];
  readonly #notes: string[] = [];

  constructor(known: KnownOptions) {
    this.#known = known;
    this.#byName = new Map(known.options.map((option) => [option.name, option]));
    this.#oldByName = new Map(known.oldNames.map((old) => [old.name, old]));
  }

  addConfigFile(file: ConfigFile): void {
    const options = new Map<string, Option>();
    for (const option of this.#known.options) if (option.key !== undefined) options.set(option.key, option);
    const oldKeys = new Map(
      this.#known.oldNames.flatMap((old) => (old.key === undefined ? [] : [[old.key, old] as const])),
    );
    for (const [key, value] of file.values) {
      // Nothing after the colon, or an empty list, sets nothing.
      if (value === null || asArray(value)?.length === 0) continue;
      const origin = `${key} in ${file.path}`;
      const option = options.get(key);
      const old = oldKeys.get(key);
      if (option) this.#set(option, textOf(value, option, origin), { source: 'configuration file', origin });
      else if (old) this.#addOld(old, { text: textOf(value, old, origin), source: 'configuration file', origin });
      else if (this.#known.fileKeys?.includes(key)) this.#fromFile.set(key, { value, origin, path: file.path });
      else this.#warnAboutKey(key, file.path);
    }
  }

  addEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
    for (const option of this.#known.options) {
      const origin = environmentName(option.name);
      const text = environment[origin];
      if (!text || (option.key === undefined && !option.inEnvironment)) continue;
      this.#set(option, option.type === 'switch' ? this.#switchText(text, origin) : text, {
        source: 'environment',
        origin,
      });
    }
    for (const old of this.#known.oldNames) {
      const text = environment[environmentName(old.name)];
      if (!text) continue;
      const origin = environmentName(old.name);
      const isSwitch = old.type === 'switch';
      // A name that only ever was a variable was meant whatever its value was.
      const meant = old.variableOnly ? 'true' : isSwitch ? this.#switchText(text, origin) : text;
      this.#addOld(old, { text: meant, source: 'environment', origin });
    }
  }

  addCommandLine(given: readonly GivenOption[]): void {
    for (const { name, text } of given) {
      const place = { source: 'command line', origin: `--${name}` } as const;
      const option = this.#byName.get(name);
      const old = this.#oldByName.get(name);
      if (option) this.#set(option, text, place);
      else if (old) this.#addOld(old, { text, ...place });
    }
    for (const { name, exposed } of this.#known.options) {
      if (exposed === undefined || !given.some((one) => one.name === name && one.text !== '')) continue;
      this.#warnings.push(`--${name} on the command line can be seen by others on this machine: ${exposed}`);
    }
  }

  finish(): ResolvedSettings {
    const defaults = new Map<string, OptionValue>();
    for (const option of this.#known.options) {
      const fallback = defaultOf(option);
      if (fallback !== undefined) defaults.set(option.name, fallback);
      const setting = this.#given.get(option.name);
      if (setting && option.group !== 'works' && asksForSomething(option, setting, fallback))
        this.#sayNotWorking(option, setting);
    }
    return {
      settings: new Settings(this.#given, defaults, this.#fromFile),
      warnings: this.#warnings,
      notes: this.#notes,
    };
  }

  #set(option: Option, text: string, place: Pick<Setting, 'source' | 'origin'>): void {
    const spaced = option.type === 'list' && place.source === 'environment' && !text.includes(',');
    const reading = readValue(option, spaced ? text.trim().split(/\s+/).join(',') : text);
    if (!('value' in reading)) {
      const { wrong, hint, notServed } = reading;
      const sentence = wrong.startsWith(':') ? `${place.origin}${wrong}` : `${place.origin} ${wrong}`;
      throw new ConfigError(notServed ? 'NOT_SERVED' : 'INVALID_VALUE', sentence, { hint });
    }
    const before = this.#given.get(option.name);
    const adds =
      before?.source === place.source && typeof before.value === 'object' && typeof reading.value === 'object';
    const value = adds ? [...before.value, ...reading.value] : reading.value;
    const texts = option.type === 'list' ? { texts: [...(adds ? (before.texts ?? []) : []), text] } : {};
    this.#given.set(option.name, { ...place, value, ...texts });
  }

  /** A variable that is no boolean word turns nothing on: scripts set them to all kinds of words. */
  #switchText(text: string, origin: string): string {
    if (isSwitchWord(text)) return text;
    this.#warnings.push(`${origin} is neither true nor false, and counts as false`);
    return 'false';
  }

  #addOld(old: OldName, given: Pick<Setting, 'source' | 'origin'> & { readonly text: string }): void {
    const place = { source: given.source, origin: given.origin };
    if (old.type === 'switch') {
      const reading = readValue(
        { name: old.name, type: 'switch', group: 'works', section: 'General', summary: '' },
        given.text,
      );
      if (!('value' in reading))
        throw new ConfigError('INVALID_VALUE', `${given.origin} ${reading.wrong}`, { hint: reading.hint });
      if (reading.value === false) return;
    }
    if (old.gone !== undefined) throw new ConfigError('OPTION_GONE', `${given.origin} is no more`, { hint: old.gone });
    if (old.noted !== undefined)
      (old.warns ? this.#warnings : this.#notes).push(`${given.origin} has no effect here: ${old.noted}`);
    if (old.to === undefined) return;
    if (old.warns)
      this.#warnings.push(
        `${given.origin} is a former name: use --${old.to}${old.value === undefined ? '' : ` ${old.value}`}`,
      );
    const option = this.#byName.get(old.to);
    if (option) this.#set(option, old.value ?? given.text, place);
  }

  #sayNotWorking(option: Option, setting: Setting): void {
    if (option.group === 'refused') {
      throw new ConfigError('NOT_SERVED', `${setting.origin} would ${option.summary}, which is not done here`, {
        hint: option.sentence,
      });
    }
    this.#notes.push(`${setting.origin} has no effect here: ${option.sentence ?? ''}`);
  }

  #warnAboutKey(key: string, path: string): void {
    if (this.#known.otherKeys?.includes(key)) return;
    for (const [start, why] of this.#known.keysWithoutEffect ?? []) {
      if (key !== start && !key.startsWith(`${start}.`)) continue;
      this.#notes.push(`${key} in ${path} has no effect here: ${why}`);
      return;
    }
    const fileKeys = this.#known.fileKeys ?? [];
    // What should have been a map of names came as one path a name.
    const start = key.split('.', 2).join('.');
    const meant =
      closest(key, [...this.#known.options.flatMap((option) => option.key ?? []), ...fileKeys]) ??
      closest(start, fileKeys);
    this.#warnings.push(`${path} has the unknown key ${key}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
  }
}

/** The value of an option that nobody gave. */
export function defaultOf(option: Option): OptionValue | undefined {
  if (option.fallback === undefined) return option.type === 'list' ? [] : undefined;
  const reading = readValue(option, option.fallback);
  return 'value' in reading ? reading.value : undefined;
}

/**
 * Asking for the default of a refused option asks for nothing. Whoever writes an option that has no effect is told so
 * whatever its value is; but no switch that is off, and no configuration file that spells all defaults out.
 */
function asksForSomething(option: Option, setting: Setting, fallback: OptionValue | undefined): boolean {
  const isDefault = JSON.stringify(setting.value) === JSON.stringify(fallback);
  return (
    !isDefault || (option.group === 'noted' && option.type !== 'switch' && setting.source !== 'configuration file')
  );
}

/** Configuration values become texts, so that they are checked as those of the command line are. */
function textOf(value: JsonValue, option: Pick<Option, 'type'>, origin: string): string {
  const list = asArray(value);
  if (list && option.type === 'list') return list.map((item) => quoteElement(scalarText(item, origin))).join(',');
  if (list) throw new ConfigError('INVALID_VALUE', `${origin} takes one value, not a list`);
  const text = scalarText(value, origin);
  return option.type === 'list' ? splitList(text).map(quoteElement).join(',') : text;
}

function scalarText(value: JsonValue, origin: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new ConfigError('INVALID_VALUE', `${origin} takes a plain value`);
}

function quoteElement(text: string): string {
  return text.includes(',') || text.startsWith('"') ? `"${text.replaceAll('"', '""')}"` : text;
}
