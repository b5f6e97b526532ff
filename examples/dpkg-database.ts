import type { DpkgChoice } from './description.js';

/** `var/lib/dpkg/status` for these packages, in their order: one stanza each, as deb-control(5) and dpkg write them. */
export function dpkgStatus(installed: Iterable<DpkgChoice>): string {
  return [...installed].map(stanza).join('');
}

function stanza(chosen: DpkgChoice): string {
  const lines = [
    `Package: ${chosen.name}`,
    `Status: ${chosen.status ?? 'install ok installed'}`,
    'Priority: optional',
    `Section: ${chosen.section ?? 'libs'}`,
    'Installed-Size: 8',
    `Maintainer: ${chosen.maintainer ?? 'Debian Developers <debian-devel@lists.debian.org>'}`,
    `Architecture: ${chosen.arch ?? 'amd64'}`,
    ...sourceLine(chosen),
    `Version: ${chosen.version}`,
    ...(chosen.depends === undefined ? [] : [`Depends: ${chosen.depends}`]),
    `Description: placeholder of ${chosen.name}`,
  ];
  return `${lines.join('\n')}\n\n`;
}

function sourceLine({ source, sourceVersion }: DpkgChoice): string[] {
  if (source === undefined) return [];
  return [`Source: ${source}${sourceVersion === undefined ? '' : ` (${sourceVersion})`}`];
}
