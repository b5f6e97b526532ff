import { splitWords, type Word } from './flags.js';

/** Does the text look like a unit of systemd? */
export function looksLikeUnit(text: string): boolean {
  return /^\s*\[(?:Unit|Service|Install)\]\s*$/m.test(text);
}

/** One `Key=value` of a unit; no words where the value is empty. */
export interface UnitSetting {
  readonly key: string;
  readonly words: readonly Word[];
}

/** The settings of a unit or of a piece of one, in their order, with lines that go on behind a backslash. */
export function settingsOf(text: string, file: string): readonly UnitSetting[] {
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

/** What is left of the settings of a name once an empty one has taken back those before it. */
export function settingsNamed(settings: readonly UnitSetting[], name: string): readonly UnitSetting[] {
  const all = settings.filter(({ key }) => key === name);
  return all.slice(all.findLastIndex(({ words }) => words.length === 0) + 1);
}

/** Variables of a file that `EnvironmentFile` names: `NAME=value`, quotes around the value or not. */
export function variablesOf(text: string, file: string): readonly (readonly [string, Word])[] {
  const joined: { text: string; line: number }[] = [];
  let goesOn = false;
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\r$/, '');
    const last = joined.at(-1);
    const content = line.replace(/\\$/, '');
    if (goesOn && last) last.text += content;
    else joined.push({ text: content, line: at + 1 });
    goesOn = line.endsWith('\\');
  }
  return joined.flatMap(({ text: line, line: number }) => {
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)=/.exec(line);
    if (!match) return [];
    const value = line.slice(match[0].length).trim();
    const quote = /^(["']).*\1$/s.exec(value)?.[1];
    const inner = quote === undefined ? value : value.slice(1, -1);
    return [[match[1] ?? '', { text: inner, place: { file, line: number } }]];
  });
}
