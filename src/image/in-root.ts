/** Links that are followed before they count as a loop; what Linux itself allows. */
const mostLinks = 40;

/** Where a path leads. `loop`: it never ends. */
export type ResolvedPath = { readonly outcome: 'found'; readonly path: string } | { readonly outcome: 'loop' };

/**
 * Follows symbolic links inside an image: absolute targets start again at the image's root, `..` ends there, and nothing
 * ever leaves it.
 * @param linkAt The text of the symbolic link at a clean path, if there is one.
 */
export function resolveInRoot(path: string, linkAt: (path: string) => string | undefined): ResolvedPath {
  const waiting = componentsOf(path);
  let resolved: string[] = [];
  let links = 0;
  while (waiting.length > 0) {
    const part = waiting.pop();
    if (part === undefined || part === '' || part === '.') continue;
    if (part === '..') {
      resolved.pop();
      continue;
    }
    const target = linkAt([...resolved, part].join('/'));
    if (target === undefined) {
      resolved.push(part);
      continue;
    }
    if (++links > mostLinks) return { outcome: 'loop' };
    if (target.startsWith('/')) resolved = [];
    waiting.push(...componentsOf(target));
  }
  return { outcome: 'found', path: resolved.join('/') };
}

/** Last first, so that the next one is taken from the end. */
function componentsOf(path: string): string[] {
  return path.split('/').reverse();
}
