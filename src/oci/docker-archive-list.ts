import { limits } from '../core/index.js';
import { asObject, asStrings } from '../formats/index.js';
import { invalid, listField, optionalText, parseDocumentValue } from './fields.js';

/** One image of a docker archive, as its `manifest.json` lists it: names of entries of the archive. */
export interface DockerArchiveImage {
  readonly config: string;
  readonly repoTags: readonly string[];
  /** Bottom first. */
  readonly layers: readonly string[];
}

/**
 * The `manifest.json` of a docker archive.
 * @throws FormatError `INVALID`, `LIMIT_EXCEEDED`
 */
export function parseDockerArchiveList(bytes: Uint8Array): readonly DockerArchiveImage[] {
  const what = 'manifest.json';
  return listField(parseDocumentValue(bytes, what), what, limits.manifests).map((value, index) => {
    const name = `${what}: image ${index + 1}`;
    const fields = asObject(value);
    const config = optionalText(fields?.['Config']);
    if (!fields || config === undefined) throw invalid(name, 'names no config');
    const layers = asStrings(fields['Layers'] ?? []);
    if (!layers) throw invalid(name, 'has no proper list of layers');
    listField(layers, `${name}: its list of layers`, limits.layers);
    const repoTags = asStrings(fields['RepoTags'] ?? []);
    if (!repoTags) throw invalid(name, 'has no proper list of names');
    return { config, repoTags, layers };
  });
}
