/**
 * Version of each Debian release by its code name, as advisory buckets spell it: the major number. Releases before etch
 * counted in their minor number too.
 */
const versions: Readonly<Record<string, string | undefined>> = {
  buzz: '1.1',
  rex: '1.2',
  bo: '1.3',
  hamm: '2.0',
  slink: '2.1',
  potato: '2.2',
  woody: '3.0',
  sarge: '3.1',
  etch: '4',
  lenny: '5',
  squeeze: '6',
  wheezy: '7',
  jessie: '8',
  stretch: '9',
  buster: '10',
  bullseye: '11',
  bookworm: '12',
  trixie: '13',
  forky: '14',
  duke: '15',
};

/** The bucket of a release; `undefined` for `sid`, `experimental` and names that are no release. */
export function debianBucket(codeName: string): string | undefined {
  const version = Object.hasOwn(versions, codeName) ? versions[codeName] : undefined;
  return version && `debian ${version}`;
}
