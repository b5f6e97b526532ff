import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pause, type NodeBox } from './node-box.js';

/** What answers for a program that cannot be had here. */
export type StandIn = (
  words: readonly string[],
  cwd: string,
) => Promise<{ readonly exitCode: number; readonly said: string }>;

const asked = '/run/asked';

/** Each is a program on the path of the box, which hands its words to the test and ends as the test says. */
const script = `#!/bin/sh
asked=$(mktemp -d ${asked}/XXXXXXXX)
for word in "$(basename "$0")" "$PWD" "$@"; do printf '%s\\n' "$word"; done >"$asked/new"
mv "$asked/new" "$asked/words"
while [ ! -e "$asked/code" ]; do sleep 0.02; done
cat "$asked/said" >&2
exit "$(cat "$asked/code")"
`;

/** Puts programs on the path of a box. @returns what ends it */
export function standIn(box: NodeBox, programs: Readonly<Record<string, StandIn>>): () => Promise<void> {
  mkdirSync(box.path(asked), { recursive: true });
  for (const name of Object.keys(programs)) {
    const path = join(box.root, 'local', 'bin', name);
    writeFileSync(path, script);
    chmodSync(path, 0o755);
  }
  const state = { isOver: false };
  const answer = async (folder: string): Promise<void> => {
    const [name = '', cwd = '', ...words] = readFileSync(join(folder, 'words'), 'utf8').split('\n').slice(0, -1);
    rmSync(join(folder, 'words'));
    let answered;
    try {
      answered = await (programs[name]?.(words, cwd) ?? { exitCode: 127, said: `${name}: not here` });
    } catch (error) {
      answered = { exitCode: 1, said: `${String(error)}\n` };
    }
    writeFileSync(join(folder, 'said'), answered.said);
    writeFileSync(join(folder, 'code.new'), String(answered.exitCode));
    renameSync(join(folder, 'code.new'), join(folder, 'code'));
  };
  const loop = (async () => {
    while (!state.isOver) {
      for (const one of readdirSync(box.path(asked))) {
        const folder = join(box.path(asked), one);
        if (existsSync(join(folder, 'words'))) void answer(folder);
      }
      await pause(20);
    }
  })();
  return async () => {
    state.isOver = true;
    await loop;
  };
}
