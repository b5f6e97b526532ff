import { asArray, asObject, asString } from '../formats/index.js';
import type { ApiServer } from './api-server.js';
import type { FaultList } from './fault.js';
import { readFlags, splitWords, type Word } from './flags.js';
import { readDocument } from './source-file.js';

const nothingMore = {
  userId: undefined,
  groupIds: [],
  mounts: undefined,
  hostAliases: [],
  environment: new Map<string, string>(),
  usesClusterDns: false,
} as const;

/** Does the text look like a unit of systemd? */
export function looksLikeUnit(text: string): boolean {
  return /^\s*\[(?:Unit|Service|Install)\]\s*$/m.test(text);
}

/**
 * Reads the `ExecStart` of a unit, with lines that go on behind a backslash, quotes, and variables that the unit itself sets.
 * @returns nothing if it starts no kube-apiserver
 */
export function readSystemdUnit(text: string, file: string, faults: FaultList): ApiServer | undefined {
  const settings = unitSettings(text, file);
  const environment = new Map<string, string>();
  for (const { key, words } of settings) {
    if (key !== 'Environment') continue;
    for (const { text: word } of words) {
      const equals = word.indexOf('=');
      if (equals > 0) environment.set(word.slice(0, equals), word.slice(equals + 1));
    }
  }
  const start = settings.findLast(({ key, words }) => key === 'ExecStart' && words.length > 0);
  const words = (start?.words ?? []).flatMap((word) => expand(word, environment));
  const program = words[0]?.text ?? '';
  const isK3s = /(?:^|\/)(?:k3s|rke2)$/.test(program);
  if (start === undefined || (!words.some(({ text: word }) => /(?:^|\/)kube-apiserver$/.test(word)) && !isK3s)) {
    faults.add('not-an-api-server', { file }, { what: 'ExecStart of the unit starts no kube-apiserver' });
    return undefined;
  }
  const flags = readFlags(words);
  const folder = settings.findLast(({ key }) => key === 'WorkingDirectory')?.words[0]?.text.replace(/^-/, '');
  return {
    kind: 'systemd unit',
    file,
    place: start.words[0]?.place ?? { file },
    ...nothingMore,
    flags: isK3s ? passedOn(flags.map(({ name, value, place }) => ({ key: name, value: value ?? '', place }))) : flags,
    workingFolder: folder === undefined || folder === '~' ? '/' : folder,
    userName: settings.findLast(({ key }) => key === 'User')?.words[0]?.text,
    environment,
  };
}

interface UnitSetting {
  readonly key: string;
  readonly words: readonly Word[];
}

function unitSettings(text: string, file: string): readonly UnitSetting[] {
  const settings: { key: string; words: Word[] }[] = [];
  let open: { key: string; words: Word[] } | undefined;
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line.startsWith('#') || line.startsWith(';')) continue;
    const goesOn = line.endsWith('\\');
    const content = goesOn ? line.slice(0, -1) : line;
    const setting = open === undefined ? /^([A-Za-z]+)\s*=/.exec(content) : null;
    if (setting) {
      open = { key: setting[1] ?? '', words: [] };
      settings.push(open);
    }
    const place = { file, line: at + 1 };
    open?.words.push(...splitWords(content.slice(setting?.[0].length ?? 0)).map((word) => ({ text: word, place })));
    if (!goesOn) open = undefined;
  }
  return settings;
}

/** `$NAME` as a word of its own becomes several words, `${NAME}` inside one does not. */
function expand({ text, place }: Word, environment: ReadonlyMap<string, string>): readonly Word[] {
  const alone = /^\$([A-Za-z_]\w*)$/.exec(text)?.[1];
  if (alone !== undefined) return splitWords(environment.get(alone) ?? '').map((word) => ({ text: word, place }));
  const inside = text.replaceAll(/\$\{([A-Za-z_]\w*)\}/g, (_, name: string) => environment.get(name) ?? '');
  return [{ text: inside, place }];
}

/** Reads `kube-apiserver-arg` of a k3s or RKE2 configuration: the API server runs inside the process, on the host's files. */
export function readK3sConfig(text: string, file: string, faults: FaultList): ApiServer | undefined {
  const document = readDocument(text, file, { empty: 'not-an-api-server' }, faults);
  const settings = asObject(document?.value);
  if (document === undefined || settings === undefined) return undefined;
  const found = Object.keys(settings).flatMap((key) => {
    if (key.replace(/\+$/, '') !== 'kube-apiserver-arg') return [];
    const values = asArray(settings[key]) ?? [settings[key] ?? null];
    return values.map((value, at) => ({
      key: 'kube-apiserver-arg',
      value: asString(value) ?? JSON.stringify(value),
      place: document.at(asArray(settings[key]) ? [key, at] : [key]),
    }));
  });
  return {
    kind: 'k3s configuration',
    file,
    place: document.at(['kube-apiserver-arg']),
    ...nothingMore,
    flags: passedOn(found),
    workingFolder: '/',
  };
}

/** The flags of the API server among those of k3s: `--kube-apiserver-arg=name=value`. */
function passedOn(
  given: readonly { readonly key: string; readonly value: string; readonly place: Word['place'] }[],
): ApiServer['flags'] {
  return readFlags(
    given
      .filter(({ key }) => key === 'kube-apiserver-arg')
      .map(({ value, place }) => ({ text: `--${value.replace(/^--/, '')}`, place })),
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
