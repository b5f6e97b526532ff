/** Keys of the configuration file that no option has and that change nothing here: the start of the path, and why. */
export const keysWithoutEffect: ReadonlyMap<string, string> = new Map([
  ...['forbidden', 'restricted', 'reciprocal', 'notice', 'permissive', 'unencumbered'].map(
    (name) => [`license.${name}`, 'licences are not judged here yet'] as const,
  ),
  ['scan.maven.mirrors', 'no Maven repository is ever asked'],
]);
