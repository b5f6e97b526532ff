import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerError } from '../errors.js';

/** What a browser gets, by name. */
export interface PageFiles {
  readonly page: string;
  /** With the words `NEXT` and `PROBLEM` in braces where they belong. */
  readonly signIn: string;
  /** By path. */
  readonly others: ReadonlyMap<string, { readonly type: string; readonly text: string }>;
}

const script = 'text/javascript; charset=utf-8';

/**
 * The files of the page: beside the bundle, or in dist/ when run from the sources.
 * @throws ServerError `PAGE_MISSING`.
 */
export async function readPageFiles(): Promise<PageFiles> {
  const places = ['./page', '../page', '../../dist/page', '../../../dist/page'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  const folder = places.find((place) => existsSync(join(place, 'index.html')));
  if (folder === undefined) {
    throw new ServerError('PAGE_MISSING', 'the files of the page are not beside the program', {
      hint: 'install the package anew, or build it with npm run build',
    });
  }
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  return {
    page: await read('index.html'),
    signIn: await read('sign-in.html'),
    others: new Map([
      ['/style.css', { type: 'text/css; charset=utf-8', text: await read('style.css') }],
      ['/page.js', { type: script, text: await read('page.js') }],
      ['/sign-in.js', { type: script, text: await read('sign-in.js') }],
    ]),
  };
}
