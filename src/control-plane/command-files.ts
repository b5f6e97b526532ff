import { asArray, asObject, asString } from '../formats/index.js';
import type { ApiServer } from './api-server.js';
import { FaultList, quote } from './fault.js';
import { readFlags, splitWords, type Word } from './flags.js';
import type { SetupFile, SetupPieces } from './setup-pieces.js';
import { readDocument } from './source-file.js';
import { settingsNamed, settingsOf, variablesOf, type UnitSetting } from './unit-settings.js';

const noPieces: SetupPieces = { dropIns: [], environment: [] };

const nothingMore = {
  userId: undefined,
  groupIds: [],
  mounts: undefined,
  hostAliases: [],
  environment: new Map<string, string>(),
  usesClusterDns: false,
} as const;

/**
 * Reads the `ExecStart` of a unit and of the pieces that change it, with lines that go on behind a backslash, quotes, and
 * the variables that the unit and its files set.
 * @returns nothing if it starts no kube-apiserver
 */
export function readSystemdUnit(
  text: string,
  file: string,
  faults: FaultList,
  pieces: SetupPieces = noPieces,
): ApiServer | undefined {
  const unit = [{ path: file, text }, ...pieces.dropIns].flatMap((part) => settingsOf(part.text, part.path));
  const environment = variables(unit, pieces);
  const start = settingsNamed(unit, 'ExecStart').at(-1);
  const words = (start?.words ?? []).flatMap((word) => expand(word, environment));
  const program = (words[0]?.text ?? '').replace(/^[-@:+!]+/, '');
  const isK3s = /(?:^|\/)(?:k3s|rke2)$/.test(program);
  if (start === undefined || (!words.some(({ text: word }) => /(?:^|\/)kube-apiserver$/.test(word)) && !isK3s)) {
    faults.add('not-an-api-server', { file }, { what: 'ExecStart of the unit starts no kube-apiserver' });
    return undefined;
  }
  const flags = readFlags(words);
  const lastWord = (key: string): string | undefined => settingsNamed(unit, key).at(-1)?.words[0]?.text;
  const folder = lastWord('WorkingDirectory')?.replace(/^-/, '');
  return {
    kind: 'systemd unit',
    file,
    place: start.words[0]?.place ?? { file },
    ...nothingMore,
    flags: isK3s ? passedOn(flags.map(({ name, value, place }) => ({ key: name, value: value ?? '', place }))) : flags,
    workingFolder: folder === undefined || folder === '~' ? '/' : folder,
    userName: lastWord('User'),
    environment: new Map([...environment].map(([name, word]) => [name, word.text])),
  };
}

/** Later ones win, and those of files win over those of the unit. */
function variables(unit: readonly UnitSetting[], { environment }: SetupPieces): ReadonlyMap<string, Word> {
  const all = new Map<string, Word>();
  for (const { words } of settingsNamed(unit, 'Environment')) {
    for (const { text, place } of words) {
      const equals = text.indexOf('=');
      if (equals > 0) all.set(text.slice(0, equals), { text: text.slice(equals + 1), place });
    }
  }
  for (const { path, text } of environment) for (const [name, word] of variablesOf(text, path)) all.set(name, word);
  return all;
}

/** `$NAME` as a word of its own becomes several words, written where the variable is; `${NAME}` inside one does not. */
function expand({ text, place }: Word, environment: ReadonlyMap<string, Word>): readonly Word[] {
  const alone = /^\$([A-Za-z_]\w*)$/.exec(text)?.[1];
  if (alone !== undefined) {
    const value = environment.get(alone);
    return splitWords(value?.text ?? '').map((word) => ({ text: word, place: value?.place ?? place }));
  }
  const inside = text.replaceAll(/\$\{([A-Za-z_]\w*)\}/g, (_, name: string) => environment.get(name)?.text ?? '');
  return [{ text: inside, place }];
}

/**
 * Reads `kube-apiserver-arg` of a k3s or RKE2 configuration and its pieces: the API server runs inside the process, on the
 * host's files. A later piece replaces what earlier ones say, `kube-apiserver-arg+` adds to it, and the command line of the
 * unit replaces them all.
 */
export function readK3sConfig(
  text: string,
  file: string,
  faults: FaultList,
  pieces: SetupPieces = noPieces,
): ApiServer | undefined {
  let known: readonly Argument[] | undefined;
  for (const part of [{ path: file, text }, ...pieces.dropIns]) {
    if (part.text.trim() === '') continue;
    for (const { isAdded, values } of argumentsIn(part, faults)) {
      if (known !== undefined && !isAdded) lost(known, { by: part.path, faults });
      known = isAdded ? [...(known ?? []), ...values] : values;
    }
  }
  const { unit } = pieces;
  const ofUnit = unit && readSystemdUnit(unit.text, unit.path, new FaultList(), unit.pieces);
  if (ofUnit !== undefined && ofUnit.flags.length > 0) {
    lost(known ?? [], { by: ofUnit.file, faults });
    return ofUnit;
  }
  if (known === undefined) return undefined;
  return {
    kind: 'k3s configuration',
    file: known[0]?.place.file ?? file,
    place: known[0]?.place ?? { file },
    ...nothingMore,
    flags: passedOn(known),
    workingFolder: '/',
  };
}

interface Argument {
  readonly key: string;
  readonly value: string;
  readonly place: Word['place'];
}

interface Arguments {
  readonly isAdded: boolean;
  readonly values: readonly Argument[];
}

function argumentsIn({ text, path }: SetupFile, faults: FaultList): readonly Arguments[] {
  const document = readDocument(text, path, { empty: 'not-an-api-server' }, faults);
  const settings = asObject(document?.value);
  if (document === undefined || settings === undefined) return [];
  return Object.keys(settings).flatMap((key) => {
    if (key.replace(/\+$/, '') !== argumentKey) return [];
    const list = asArray(settings[key]);
    const values = (list ?? [settings[key] ?? null]).map((value, at) => ({
      key: argumentKey,
      value: asString(value) ?? JSON.stringify(value),
      place: document.at(list ? [key, at] : [key]),
    }));
    return [{ isAdded: key.endsWith('+'), values }];
  });
}

const argumentKey = 'kube-apiserver-arg';

/** Arguments that have to do with admission and that another file takes away. */
function lost(values: readonly Argument[], { by, faults }: { readonly by: string; readonly faults: FaultList }): void {
  const flag = values.find(({ value }) => /admission/.test(value));
  if (flag === undefined) return;
  faults.add('k3s-replaced', flag.place, {
    what: `${by} replaces ${argumentKey}, and ${quote(flag.value)} is lost`,
  });
}

/** The flags of the API server among those of k3s: `--kube-apiserver-arg=name=value`. */
function passedOn(given: readonly Argument[]): ApiServer['flags'] {
  return readFlags(
    given
      .filter(({ key }) => key === argumentKey)
      // A sign behind the name says on which side of k3s's own value it is added.
      .map(({ value, place }) => ({
        text: `--${value.replace(/^--/, '').replace(/^([\w-]*\w)[+-]+=/, '$1=')}`,
        place,
      })),
  );
}

/** Reads a plain command line, over as many lines as it takes; `#` begins a comment. Also the form of `/proc/PID/cmdline`. */
export function readCommandLine(text: string, file: string, faults: FaultList): ApiServer | undefined {
  const words = text.includes('\0')
    ? text.split('\0').map((word) => ({ text: word, place: { file, line: 1 } }))
    : text.split('\n').flatMap((line, at) =>
        line.trimStart().startsWith('#')
          ? []
          : splitWords(line.trimEnd().replace(/\\$/, '')).map((word) => ({
              text: word,
              place: { file, line: at + 1 },
            })),
      );
  if (!words.some(({ text: word }) => /(?:^|\/)kube-apiserver$/.test(word) || /^--[a-z]/.test(word))) {
    faults.add('not-an-api-server', { file, line: 1 }, { what: 'the file holds no command line of kube-apiserver' });
    return undefined;
  }
  return {
    kind: 'command line',
    file,
    place: { file, line: words[0]?.place.line },
    ...nothingMore,
    flags: readFlags(words.filter(({ text: word }) => word !== '')),
    workingFolder: undefined,
  };
}
