import type { Context } from '../../core/index.js';
import { formatFamiliar, parseReference, type Reference } from '../../reference/index.js';
import { chooseImages } from '../choose.js';
import { asImageError } from '../errors.js';
import type { OpenedImages } from '../image.js';
import { loadImages } from '../open-store.js';
import type { NamedImage, NamedSource } from './named-source.js';
import { RemoteImages } from './remote-images.js';
import { noRegistry, withStoredDocuments } from './stored-documents.js';

/**
 * A registry. Manifest and config are fetched now, layers as they are read: nothing lands on disk. A name with a tag and
 * a digest means the digest.
 */
export const remote = {
  id: 'remote',
  title: 'the registry',
  async open(context: Context, wanted: NamedImage): Promise<OpenedImages> {
    const reference = parseReference(wanted.reference);
    const asked = wanted.documentsOnly === true ? noRegistry : await wanted.openRegistry();
    const client = wanted.documents ? withStoredDocuments(asked, wanted.documents) : asked;
    const top = await client.fetchManifest(context, reference);
    const images = new RemoteImages({ context, client, reference, names: namesOf(reference, top.digest) });
    try {
      const found = await images.find(top);
      const { platform, hostPlatform } = wanted;
      const { candidates, notices } = chooseImages(found, { platform, hostPlatform }, wanted.reference);
      const loaded = await loadImages(candidates, wanted.reference);
      return { ...loaded, notices, close: async () => {} };
    } catch (thrown) {
      throw asImageError(thrown, wanted.reference);
    }
  },
} as const satisfies NamedSource;

/** As docker would list the image after pulling it; Docker Hub's own prefix is not written. */
function namesOf(reference: Reference, digest: Reference['digest']): RemoteImages['names'] {
  const { registry, repository, tag } = reference;
  const byTag = reference.digest === undefined ? [formatFamiliar({ registry, repository, tag })] : [];
  return { repoTags: byTag, repoDigests: [formatFamiliar({ registry, repository, digest })] };
}
