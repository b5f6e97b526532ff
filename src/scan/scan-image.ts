import { arch, availableParallelism, tmpdir } from 'node:os';
import { noCache, openCache, type Cache } from '../cache/index.js';
import { limits, type Context } from '../core/index.js';
import { openImages, ImageError, type Image } from '../image/index.js';
import { catalogFingerprint, squashLayers, type CatalogOptions } from '../packages/index.js';
import { normalizePlatform, parsePlatform } from '../reference/index.js';
import type { ImageReport, ScanReport } from '../report/index.js';
import { cacheFolders } from './cache-folders.js';
import { readLayerFacts, type ReadLayer } from './facts-store.js';
import { buildImageReport, buildScanReport, unassessedImage } from './build-report.js';
import { matchImage } from './match-image.js';
import { openScanDatabase } from './open-database.js';
import { addUpProgress } from './progress.js';
import { ScanError } from './errors.js';
import type { ScanRequest } from './scan-request.js';
import { sideBySide } from './side-by-side.js';

/**
 * Scans the image of an archive or layout, and gives a report that tells what was found and what could not be assessed.
 * Finding something is not an error. Needs no network.
 * @throws ImageError when the image cannot be read or is not what it claims to be; AdvisoryError when there is no
 *   database, or a corrupt one; ScanError when the image is larger than was allowed.
 */
export async function scanImage(context: Context, request: ScanRequest): Promise<ScanReport> {
  const folders = cacheFolders(request.cacheDir);
  const database = openScanDatabase(request.databasePath, folders.root);
  try {
    const images = await imageReports(context, request, folders.facts, (image, layers) => {
      const facts = squashLayers(
        layers.map(({ facts: ofLayer }) => ofLayer),
        {
          detectionPriority: request.detectionPriority ?? 'precise',
          distro: request.distro,
          kinds: kindsOf(request),
        },
      );
      const matched = matchImage(database, facts, request, context.now());
      return {
        report: buildImageReport(image, layers, facts, matched, request, context.now()),
        notices: matched.notices,
      };
    });
    return buildScanReport(context, request, images, database.info());
  } finally {
    database.close();
  }
}

interface AssessedImage {
  readonly report: ImageReport;
  readonly notices: readonly string[];
}

async function imageReports(
  context: Context,
  request: ScanRequest,
  factsDir: string,
  assess: (image: Image, layers: readonly ReadLayer[]) => AssessedImage,
): Promise<{ readonly reports: readonly ImageReport[]; readonly notices: readonly string[] }> {
  const cache =
    request.cacheBackend === 'memory' ? noCache() : openCache({ dir: factsDir, maxBytes: limits.factsCacheBytes });
  try {
    const opened = await openImages(context, {
      input: request.input,
      stdin: request.input === '-' ? process.stdin : undefined,
      hostPlatform: normalizePlatform({ os: 'linux', architecture: arch() }),
      reference: request.reference,
      platform: request.platform === undefined ? undefined : parsePlatform(request.platform),
      spoolDir: tmpdir(),
    });
    try {
      const reports: ImageReport[] = [];
      for (const image of opened.images)
        reports.push(report(image, await layerFactsOf(context, image, request, cache)));
      return { reports, notices: opened.notices };
    } finally {
      await opened.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof ImageError)) throw thrown;
    const unassessed = unassessedImage(thrown, request);
    if (unassessed === undefined) throw thrown;
    return { reports: [unassessed], notices: [] };
  }
}

async function layerFactsOf(
  context: Context,
  image: Image,
  request: ScanRequest,
  cache: Cache,
): Promise<readonly ReadLayer[]> {
  const catalog: CatalogOptions = {
    skipDirs: request.skipDirs ?? [],
    skipFiles: request.skipFiles ?? [],
    kinds: kindsOf(request),
  };
  const options = { catalog, fingerprint: catalogFingerprint(catalog) };
  const total = image.layers.reduce((sum, layer) => sum + layer.sizeBytes, 0);
  const contextOfLayer = addUpProgress(context, 'reading layers', total);
  const width = Math.min(request.parallel || Infinity, Math.max(2, availableParallelism()));
  let unpacked = 0;
  return await sideBySide(image.layers, width, async (layer) => {
    const read = await readLayerFacts(contextOfLayer(), layer, cache, options);
    unpacked += read.facts.uncompressedBytes;
    if (request.maxImageBytes !== undefined && unpacked > request.maxImageBytes) {
      throw new ScanError('IMAGE_TOO_LARGE', `${request.input} unpacks to more than ${request.maxImageBytes} bytes`, {
        hint: 'raise --max-image-size to scan it',
      });
    }
    return read;
  });
}

function kindsOf(request: ScanRequest): { readonly os: boolean; readonly language: boolean } {
  const types = request.packageTypes ?? ['os', 'library'];
  return { os: types.includes('os'), language: types.includes('library') };
}
