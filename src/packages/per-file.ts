import type {
  Cataloged,
  CatalogedFile,
  CatalogProblem,
  CatalogSession,
  OperatingSystemFact,
  PackageList,
} from './cataloger.js';

/** A session for formats of which every file stands for itself: of a path that comes twice the later counts. */
export function perFile(catalog: (file: CatalogedFile) => Cataloged): CatalogSession {
  const found = new Map<string, Cataloged>();
  return {
    file(file) {
      found.delete(file.path);
      found.set(file.path, catalog(file));
    },
    finish: () => joinCataloged(found.values()),
  };
}

/** A result of which only the repository may be missing. */
export type JoinedCataloged = Required<Omit<Cataloged, 'repository'>> & Pick<Cataloged, 'repository'>;

/** Everything that several results hold, as one; the last repository counts. */
export function joinCataloged(results: Iterable<Cataloged>): JoinedCataloged {
  const lists: PackageList[] = [];
  const operatingSystems: OperatingSystemFact[] = [];
  const ownedFiles: string[] = [];
  const licenses = new Map<string, readonly string[]>();
  const problems: CatalogProblem[] = [];
  let repository: Cataloged['repository'];
  for (const result of results) {
    for (const list of result.lists ?? []) lists.push(list);
    for (const fact of result.operatingSystems ?? []) operatingSystems.push(fact);
    for (const path of result.ownedFiles ?? []) ownedFiles.push(path);
    for (const [name, list] of result.licenses ?? []) licenses.set(name, list);
    for (const problem of result.problems ?? []) problems.push(problem);
    repository = result.repository ?? repository;
  }
  return { lists, operatingSystems, repository, ownedFiles, licenses, problems };
}
