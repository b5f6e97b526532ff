import type { TarItem } from '../test/support/image-builder.js';
import type { LanguageFolder } from './description.js';

/** The files by which an installed Python package is known (https://packaging.python.org/en/latest/specifications/). */
export function pythonItems({ folder, packages }: LanguageFolder): TarItem[] {
  return packages.flatMap(({ name, version, license }) => {
    const info = `${folder}/${name.replaceAll('-', '_')}-${version}.dist-info`;
    const metadata = ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`, `License: ${license}`, '', ''];
    return [
      { path: `${info}/INSTALLER`, content: 'pip\n' },
      { path: `${info}/METADATA`, content: metadata.join('\n') },
      { path: `${info}/RECORD`, content: '' },
    ];
  });
}

/** The package.json of each installed Node.js package. */
export function nodeItems({ folder, packages }: LanguageFolder): TarItem[] {
  return packages.map(({ name, version, license }) => ({
    path: `${folder}/${name}/package.json`,
    content: `${JSON.stringify({ name, version, license, main: 'index.js' }, undefined, 2)}\n`,
  }));
}
