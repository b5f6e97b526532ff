import type { SourcePackage } from '../ecosystems/index.js';

/** The parts of a Debian version. */
export type DebianVersion = Pick<SourcePackage, 'version' | 'release' | 'epoch'>;

/**
 * Splits `[epoch:]upstream[-revision]`; `undefined` for what is no Debian version. An absent revision is an empty
 * `release`, an absent epoch 0.
 */
export function splitDebianVersion(text: string): DebianVersion | undefined {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(':');
  const epoch = colon < 0 ? '0' : trimmed.slice(0, colon);
  const rest = trimmed.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  const version = dash < 0 ? rest : rest.slice(0, dash);
  const release = dash < 0 ? '' : rest.slice(dash + 1);
  if (!/^[0-9]{1,10}$/.test(epoch) || !/^[0-9][A-Za-z0-9.+~:_-]*$/.test(version)) return undefined;
  if (!/^[A-Za-z0-9+.~_]*$/.test(release)) return undefined;
  return { epoch: Number(epoch), version, release };
}

/**
 * Is this a version as apk writes them: numbers with dots, a letter, `_suffix` words, `-r` revision?
 * @see https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/src/version.c
 */
export function isApkVersion(text: string): boolean {
  return /^[0-9]+(?:\.[0-9]*)*(?:[a-z][0-9]+(?:\.[0-9]*)*)*[a-z]?(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*(?:-r[0-9]+)*$/.test(
    text,
  );
}
