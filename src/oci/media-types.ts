/** Kinds of documents and blobs that matter to us, told from the media types of OCI and Docker. */
export type MediaKind = 'manifest' | 'index' | 'config' | 'other';

const kinds: Readonly<Record<string, MediaKind>> = {
  'application/vnd.oci.image.manifest.v1+json': 'manifest',
  'application/vnd.docker.distribution.manifest.v2+json': 'manifest',
  'application/vnd.oci.image.index.v1+json': 'index',
  'application/vnd.docker.distribution.manifest.list.v2+json': 'index',
  'application/vnd.oci.image.config.v1+json': 'config',
  'application/vnd.docker.container.image.v1+json': 'config',
};

/** What a media type stands for; parameters behind `;` and case do not matter. */
export function mediaKind(mediaType: string): MediaKind {
  const bare = (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();
  return Object.hasOwn(kinds, bare) ? (kinds[bare] ?? 'other') : 'other';
}
