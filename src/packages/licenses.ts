const textSigns = [
  'http://',
  'https://',
  '(c)',
  'as-is',
  ';',
  'hereby',
  'permission to use',
  'permission is',
  'use in source',
  'use, copy, modify',
  'using',
];

/** Names that contain a word at which others are divided. */
const indivisible = [
  'GNU Library or Lesser General Public License',
  'GNU Lesser General Public License v2 or later',
  'GNU General Public License v2 or later',
  'GNU General Public License v3 or later',
  'GNU Lesser General Public License v3 or later',
];

/** Longer texts are licences in full, whatever they say. */
const maxNameLength = 2048;
/** How much of such a text is kept: enough to recognise it by. */
const maxTextLength = 4096;

/**
 * Names of licences in prose (`GPL-2+ and MIT`, `LGPLv2, version 2.1`), as they stand; a text that is a licence itself
 * becomes one element, `text://` and the text.
 */
export function splitLicenses(text: string): readonly string[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const lower = trimmed.toLowerCase();
  if (trimmed.length > maxNameLength || textSigns.some((sign) => lower.includes(sign)))
    return [`text://${trimmed.slice(0, maxTextLength)}`];
  const { masked, restore } = mask(trimmed);
  const names: string[] = [];
  for (const { text: fragment, separator } of fragmentsOf(masked)) {
    const previous = names.at(-1);
    const continues = separator === ',' ? /^ver/i.test(fragment) : separator === 'or' && /^later/i.test(fragment);
    if (continues && previous !== undefined) {
      names[names.length - 1] = separator === ',' ? `${previous}, ${fragment}` : `${previous} or ${fragment}`;
    } else if (fragment !== '') names.push(fragment);
  }
  return names.map(restore);
}

/** Names in apk's field, where they stand apart by blanks, `AND`, `OR` and parentheses; an exception stays with its licence. */
export function splitLicenseExpression(text: string): readonly string[] {
  const words = text
    .slice(0, maxNameLength)
    .replace(/[()]/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  const names: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const upper = word.toUpperCase();
    if (upper === 'AND' || upper === 'OR') continue;
    const exception = words[i + 1];
    if (upper === 'WITH' && names.length > 0 && exception !== undefined) {
      names[names.length - 1] = `${names.at(-1)} WITH ${exception}`;
      i++;
    } else names.push(word);
  }
  return names;
}

/** The SPDX identifier that a name means, where that is plain; else the name unchanged. */
export function normalizeLicense(name: string): string {
  if (name.startsWith('text://') || name.length > 200) return name;
  const autoconf = /^GPL-([23])(?:\.0)?\+ with autoconf exception$/i.exec(name);
  if (autoconf) return `GPL-${autoconf[1]}.0-with-autoconf-exception+`;
  const [base = '', exception] = name.split(/ with /i);
  if (exception !== undefined && /^[A-Za-z0-9.-]+$/.test(exception))
    return `${normalizeLicense(base)} WITH ${exception}`;
  // `GNU General Public License v3 (GPLv3)` says it twice.
  const key = keyOf(name.replace(/ \([A-Za-z0-9.+ -]*\)$/, ''));
  const known = byKey.get(key);
  if (known !== undefined) return known;
  return gnuLicense(key) ?? name;
}

/** Every name once, normalised, in order. */
export function normalizeLicenses(names: Iterable<string>): readonly string[] {
  return [...new Set(Array.from(names, normalizeLicense))];
}

/** Upper case without what says nothing: blanks and dashes are one, `THE` and `LICENSE` go. */
function keyOf(name: string): string {
  return name
    .toUpperCase()
    .replace(/LICENCE/g, 'LICENSE')
    .replace(/[\s_,"'/-]+/g, '-')
    .replace(/(?:^|-)(?:THE|LICENSED?|SOFTWARE)(?=-|$)/g, '')
    .replace(/(?:^|-)VERSION-?(?=[0-9])/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** The GNU family: `GPLv2+`, `GPL-2.0-or-later`, `LGPL2.1`, `GNU GPL 3 or later`. */
function gnuLicense(key: string): string | undefined {
  const short = key
    .replace(/^GNU-/, '')
    .replace(/^LESSER-GENERAL-PUBLIC|^LIBRARY-OR-LESSER-GENERAL-PUBLIC|^LIBRARY-GENERAL-PUBLIC/, 'LGPL')
    .replace(/^AFFERO-GENERAL-PUBLIC/, 'AGPL')
    .replace(/^GENERAL-PUBLIC/, 'GPL')
    .replace(/^FREE-DOCUMENTATION/, 'GFDL');
  const match = /^(AGPL|LGPL|GPL|GFDL)-?V?([0-9](?:\.[0-9]){0,2})(\+|-OR-LATER|-OR-GREATER|-OR-NEWER|-ONLY)?$/.exec(
    short,
  );
  const [, family, version, ending] = match ?? [];
  if (!family || !version) return undefined;
  const digits = version.split('.');
  const spelled = `${digits[0]}.${digits[1] ?? '0'}`;
  const suffix = ending === undefined || ending === '-ONLY' ? 'only' : 'or-later';
  return `${family}-${spelled}-${suffix}`;
}

const aliases: Readonly<Record<string, readonly string[]>> = {
  '0BSD': [],
  'AFL-2.1': ['AFL2.1'],
  'Apache-1.1': [],
  'Apache-2.0': [
    'APACHE',
    'APACHE-2',
    'APACHE2',
    'APACHE2.0',
    'APACHE-V2',
    'APACHE-V2.0',
    'ASL-2.0',
    'ASL2.0',
    'AL-2.0',
  ],
  'Artistic-2.0': ['ARTISTIC'],
  'BSD-1-Clause': [],
  'BSD-2-Clause': ['BSD-2', 'BSD2', 'BSD-2CLAUSE', '2-CLAUSE-BSD', 'SIMPLIFIED-BSD', 'FREEBSD'],
  'BSD-2-Clause-NetBSD': [],
  'BSD-3-Clause': [
    'BSD',
    'BSD-3',
    'BSD3',
    'BSD-3CLAUSE',
    '3-CLAUSE-BSD',
    'NEW-BSD',
    'BSD-STYLE',
    'BSD-VARIANT',
    'MODIFIED-BSD',
    'REVISED-BSD',
  ],
  'BSD-4-Clause': ['BSD-4', 'BSD4', '4-CLAUSE-BSD', 'ORIGINAL-BSD'],
  'BSD-4-Clause-UC': [],
  'BSL-1.0': ['BOOST', 'BOOST-1.0', 'BSL', 'BSL1.0'],
  'Bitstream-Vera': [],
  'CC0-1.0': ['CC0', 'CC0-1'],
  'CDDL-1.0': ['CDDL', 'CDDL-1'],
  'EPL-1.0': ['EPL', 'ECLIPSE-PUBLIC', 'ECLIPSE-PUBLIC-1.0', 'EPL-1'],
  'EPL-2.0': ['ECLIPSE-PUBLIC-2.0', 'EPL-2'],
  FTL: ['FREETYPE'],
  'GFDL-1.3-no-invariants-only': ['GFDL-NIV-1.3'],
  'GFDL-1.3-no-invariants-or-later': ['GFDL-NIV-1.3+'],
  'GFDL-1.3-or-later': ['GFDL'],
  'GPL-2.0-or-later': ['GPL', 'GNU-GPL', 'GNU-GENERAL-PUBLIC'],
  HPND: ['HISTORICAL-PERMISSION-NOTICE-AND-DISCLAIMER'],
  ICU: [],
  IJG: [],
  ISC: ['ISCL'],
  'LGPL-2.0-or-later': ['LGPL', 'GNU-LGPL'],
  'LGPL-2.1-only': ['GNU-LESSER'],
  Libpng: [],
  MIT: ['EXPAT', 'MIT-X11', 'MIT-STYLE', 'MIT-LIKE', 'MIT-EXPAT', 'EXPAT-MIT'],
  'MPL-1.1': ['MOZILLA-PUBLIC-1.1', 'MPLV1.1', 'MPL1.1'],
  'MPL-2.0': ['MPL', 'MPL-2', 'MPLV2', 'MPLV2.0', 'MPL2.0', 'MOZILLA-PUBLIC-2.0'],
  'MS-PL': [],
  'OFL-1.1': ['OFL', 'SIL-OPEN-FONT-1.1', 'OFL1.1'],
  OpenSSL: [],
  'Python-2.0': ['PYTHON', 'PSF-2'],
  Sendmail: [],
  Sleepycat: [],
  TCL: [],
  'TCP-wrappers': [],
  Unlicense: [],
  Vim: [],
  W3C: [],
  WTFPL: [],
  X11: [],
  Xfig: [],
  'ZPL-2.1': ['ZPL', 'ZPL2.1', 'ZOPE-PUBLIC'],
  Zlib: ['ZLIB/LIBPNG'],
  blessing: [],
  'bzip2-1.0.6': ['BZIP2', 'BZIP2-1.0.6'],
  curl: [],
  libtiff: [],
};

const byKey: ReadonlyMap<string, string> = new Map(
  Object.entries(aliases).flatMap(([id, names]) => [id, ...names].map((name) => [keyOf(name), id] as const)),
);

/** Puts a sign in place of names that must not be divided. */
function mask(text: string): { readonly masked: string; readonly restore: (fragment: string) => string } {
  let masked = text;
  const held: string[] = [];
  for (const name of indivisible) {
    if (!masked.includes(name)) continue;
    masked = masked.replaceAll(name, `\u0001${held.length}\u0001`);
    held.push(name);
  }
  // oxlint-disable-next-line no-control-regex
  const sign = /\u0001([0-9]+)\u0001/g;
  return { masked, restore: (fragment) => fragment.replace(sign, (_, at: string) => held[Number(at)] ?? '') };
}

/** Divides at `, `, ` or `, ` and ` (or with underscores for blanks), and says what stood in front of each part. */
function fragmentsOf(text: string): readonly { readonly text: string; readonly separator: string }[] {
  const fragments: { text: string; separator: string }[] = [];
  let separator = '';
  let start = 0;
  for (const match of text.matchAll(/,[ _]+(?:(?:or|and)[ _])?|[ _](or|and)[ _]/g)) {
    fragments.push({ text: text.slice(start, match.index).trim(), separator });
    separator = match[1] ?? ',';
    start = match.index + match[0].length;
  }
  fragments.push({ text: text.slice(start).trim(), separator });
  return fragments;
}
