import { arch, tmpdir } from 'node:os';
import type { Access } from '../access/index.js';
import type { Cache } from '../cache/index.js';
import type { Context } from '../core/index.js';
import { openImages, openNamedImage, type OpenedImages } from '../image/index.js';
import { normalizePlatform, parsePlatform, type Platform } from '../reference/index.js';
import { artifactName, type ScanRequest } from './scan-request.js';

/**
 * The images that a request means; `cache` is for those whose documents are kept. Closing them ends the connections they
 * come through, too.
 * @throws ImageError, RegistryError, InvalidReferenceError
 */
export async function openRequested(context: Context, request: ScanRequest, cache: Cache): Promise<OpenedImages> {
  const { input, reference, platform } = request;
  const wanted = {
    platform: platformOf(platform),
    hostPlatform: normalizePlatform({ os: 'linux', architecture: arch() }),
    spoolDir: tmpdir(),
    documents: request.keepDocuments ? cache : undefined,
    documentsOnly: request.keepDocuments === 'only',
  };
  if (input === undefined) return await openNamed(context, request, { ...wanted, reference: artifactName(request) });
  return await openImages(context, { ...wanted, input, reference, stdin: input === '-' ? process.stdin : undefined });
}

function platformOf(text: string | undefined): Platform | 'all' | undefined {
  if (text === 'all') return text;
  return text === undefined ? undefined : parsePlatform(text);
}

type Wanted = Pick<
  Parameters<typeof openNamedImage>[1],
  'reference' | 'platform' | 'hostPlatform' | 'spoolDir' | 'documents' | 'documentsOnly'
>;

async function openNamed(context: Context, request: ScanRequest, wanted: Wanted): Promise<OpenedImages> {
  const { environment = {}, registry = {}, imageSources, dockerHost, podmanHost } = request;
  let access: Access | undefined;
  const openRegistry = async () => {
    const { openAccess } = await import('../access/index.js');
    access ??= openAccess({ ...registry, environment: registry.environment ?? request.environment });
    return await access.registry();
  };
  try {
    const opened = await openNamedImage(context, {
      ...wanted,
      sources: imageSources,
      offline: registry.offline,
      environment,
      dockerHost,
      podmanHost,
      openRegistry,
    });
    return {
      ...opened,
      async close() {
        await opened.close();
        await access?.close();
      },
    };
  } catch (thrown) {
    await access?.close();
    throw thrown;
  }
}
