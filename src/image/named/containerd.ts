import { join } from 'node:path';
import type { Context } from '../../core/index.js';
import { printable } from '../choose.js';
import { ImageError } from '../errors.js';
import type { OpenedImages } from '../image.js';
import { openStore } from '../open-store.js';
import { containerdFiles } from './containerd-files.js';
import { type ContainerdImage, findContainerdImage } from './containerd-look-up.js';
import { readContainerdMetadata } from './containerd-metadata.js';
import { metadataPath } from './containerd-paths.js';
import { type ContainerdRoot, findContainerdRoots } from './containerd-roots.js';
import { requireAllPlatforms } from './all-platforms.js';
import type { NamedImage, NamedSource } from './named-source.js';

/** Images that containerd keeps, from its files: whether it runs or not, and without asking it. */
export const containerd = {
  id: 'containerd',
  title: 'containerd',
  async open(context: Context, wanted: NamedImage): Promise<OpenedImages> {
    const roots = await findContainerdRoots(wanted.environment);
    const refusals: ImageError[] = [];
    for (const root of roots) {
      try {
        return await openImage(context, wanted, { root, image: await findImage(context, root, wanted) });
      } catch (thrown) {
        if (!(thrown instanceof ImageError)) throw thrown;
        refusals.push(thrown);
      }
    }
    // That one has no such image says less than what is wrong with another.
    throw refusals.find(({ code }) => code !== 'IMAGE_UNAVAILABLE') ?? joined(refusals);
  },
} as const satisfies NamedSource;

async function findImage(context: Context, root: ContainerdRoot, wanted: NamedImage): Promise<ContainerdImage> {
  const { reference, environment } = wanted;
  const asked = environment['CONTAINERD_NAMESPACE'];
  const namespaces = asked ? [asked] : root.namespaces;
  const answer = await readContainerdMetadata(context, join(root.path, metadataPath), (top) =>
    findContainerdImage(top, { typed: reference, namespaces }),
  );
  if (answer.image) return answer.image;
  const { ambiguous } = answer;
  if (ambiguous) {
    const list = ambiguous.slice(0, 20).join(', ');
    throw new ImageError('MULTIPLE_IMAGES', `containerd has several images whose id begins so: ${list}`, {
      hint: 'give more of the id, or a name',
    });
  }
  const others = answer.namespaces.filter((name) => !namespaces.includes(name));
  const message = `containerd in ${printable(root.path)} has no image ${printable(reference)} in ${listed(namespaces)}`;
  throw new ImageError(
    'IMAGE_UNAVAILABLE',
    others.length === 0 ? message : `${message}; there is ${listed(others)} too`,
    {
      hint: others.length === 0 ? undefined : 'CONTAINERD_NAMESPACE chooses the namespace',
    },
  );
}

interface FoundImage {
  readonly root: ContainerdRoot;
  readonly image: ContainerdImage;
}

async function openImage(context: Context, wanted: NamedImage, { root, image }: FoundImage): Promise<OpenedImages> {
  const { platform, hostPlatform } = wanted;
  const { namespace, digest, repoTags, repoDigests, otherNamespace } = image;
  const name = `containerd's image ${printable(image.name)}`;
  const files = containerdFiles(root.path, image);
  const asked = { reference: digest, platform, hostPlatform };
  const opened = await openStore(context, files, name, asked).catch((thrown: unknown) => {
    throw isIncomplete(thrown) ? incomplete(name, thrown) : thrown;
  });
  await requireAllPlatforms(opened, wanted, 'containerd');
  const taken =
    otherNamespace === undefined
      ? []
      : [
          `containerd has two images of this name: that of namespace ${namespace} is taken, not that of ${otherNamespace}`,
        ];
  const images = opened.images.map((found) => ({ ...found, repoTags, repoDigests }));
  return { ...opened, images, notices: [...taken, ...opened.notices] };
}

function isIncomplete(thrown: unknown): thrown is ImageError {
  return thrown instanceof ImageError && thrown.code === 'BLOB_MISSING';
}

/** Nodes of clusters are often told to keep only what they have unpacked. */
function incomplete(name: string, cause: ImageError): ImageError {
  return new ImageError(
    'BLOB_MISSING',
    `${cause.message}: ${name} was pulled for another platform, or its layers were thrown away once unpacked`,
    {
      hint: 'containerd keeps them with discard_unpacked_layers = false; or ask the registry with --image-src remote',
      cause,
    },
  );
}

function joined(refusals: readonly ImageError[]): ImageError {
  const [first, ...others] = refusals;
  if (first && others.length === 0) return first;
  return new ImageError('IMAGE_UNAVAILABLE', refusals.map(({ message }) => message).join('; '), {
    hint: refusals.find(({ hint }) => hint !== undefined)?.hint,
  });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map(printable).join(', ');
  return names.length === 1 ? `namespace ${shown}` : `namespaces ${shown}`;
}
