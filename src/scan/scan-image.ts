import { arch, tmpdir } from 'node:os';
import { noCache, openCache, type Cache } from '../cache/index.js';
import { limits, type Context } from '../core/index.js';
import { openImages, ImageError, type Image } from '../image/index.js';
import { catalogFingerprint, squashLayers, type CatalogOptions } from '../packages/index.js';
import { normalizePlatform, parsePlatform } from '../reference/index.js';
import type { ImageReport, ScanReport } from '../report/index.js';
import { buildImageReport, buildScanReport, unassessedImage } from './build-report.js';
import { defaultCacheDir, factsFolder } from './cache-folders.js';
import { ScanError } from './errors.js';
import type { ReadLayer } from './facts-store.js';
import { withLayerFacts } from './layer-facts.js';
import { matchImage } from './match-image.js';
import { openScanDatabase } from './open-database.js';
import type { ScanRequest } from './scan-request.js';

/**
 * Scans the image of an archive or layout, and gives a report that tells what was found and what could not be assessed.
 * Finding something is not an error. Needs no network.
 * @throws ImageError when the image cannot be read or is not what it claims to be; AdvisoryError when there is no
 *   database, or a corrupt one; ScanError when the image is larger than was allowed.
 */
export async function scanImage(context: Context, request: ScanRequest): Promise<ScanReport> {
  const cacheDir = request.cacheDir ?? defaultCacheDir();
  const database = openScanDatabase(request.databasePath, cacheDir);
  try {
    const cache = openFactsCache(request, cacheDir);
    const images = await assessImages(context, request, async (image) =>
      assessImage(context, request, image, cache, (layers) => {
        const facts = squashLayers(
          layers.map((layer) => layer.facts),
          {
            detectionPriority: request.detectionPriority ?? 'precise',
            distro: request.distro,
            kinds: kindsOf(request),
          },
        );
        const now = context.now();
        const matched = matchImage(database, facts, request, now);
        return { report: buildImageReport(image, layers, facts, matched, request, now), notices: matched.notices };
      }),
    );
    return buildScanReport(context, request, images, database.info());
  } finally {
    database.close();
  }
}

function openFactsCache(request: ScanRequest, cacheDir: string | undefined): Cache {
  if (request.cacheBackend === 'memory' || cacheDir === undefined) return noCache();
  return openCache({ dir: factsFolder(cacheDir), maxBytes: limits.factsCacheBytes });
}

interface AssessedImage {
  readonly report: ImageReport;
  readonly notices: readonly string[];
}

async function assessImages(
  context: Context,
  request: ScanRequest,
  assess: (image: Image) => Promise<AssessedImage>,
): Promise<{ readonly reports: readonly ImageReport[]; readonly notices: readonly string[] }> {
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
      const assessed: AssessedImage[] = [];
      for (const image of opened.images) assessed.push(await assess(image));
      const notices = new Set([...opened.notices, ...assessed.flatMap((one) => one.notices)]);
      return { reports: assessed.map((one) => one.report), notices: [...notices] };
    } finally {
      await opened.close();
    }
  } catch (thrown) {
    const unassessed = thrown instanceof ImageError ? unassessedImage(thrown, request) : undefined;
    if (unassessed === undefined) throw thrown;
    return { reports: [unassessed], notices: [] };
  }
}

async function assessImage(
  context: Context,
  request: ScanRequest,
  image: Image,
  cache: Cache,
  work: (layers: readonly ReadLayer[]) => AssessedImage,
): Promise<AssessedImage> {
  const catalog: CatalogOptions = {
    skipDirs: request.skipDirs ?? [],
    skipFiles: request.skipFiles ?? [],
    kinds: kindsOf(request),
  };
  const options = { catalog, fingerprint: catalogFingerprint(catalog), cache, parallel: request.parallel };
  const onUnpacked = (bytes: number): void => {
    if (request.maxImageBytes === undefined || bytes <= request.maxImageBytes) return;
    throw new ScanError('IMAGE_TOO_LARGE', `${request.input} unpacks to more than ${request.maxImageBytes} bytes`, {
      hint: 'raise --max-image-size to scan it',
    });
  };
  return await withLayerFacts(context, image, { ...options, onUnpacked }, work);
}

function kindsOf(request: ScanRequest): { readonly os: boolean; readonly language: boolean } {
  const types = request.packageTypes ?? ['os', 'library'];
  return { os: types.includes('os'), language: types.includes('library') };
}
