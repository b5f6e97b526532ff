import { existsSync } from 'node:fs';
import { noCache, openCache, type Cache } from '../cache/index.js';
import { limits, type Context } from '../core/index.js';
import type { OpenedDatabase } from '../advisories/index.js';
import { concernsImage, ImageError, type Image, type OpenedImages } from '../image/index.js';
import { catalogFingerprint, squashLayers, type CatalogOptions } from '../packages/index.js';
import type { ImageReport, ScanReport } from '../report/index.js';
import { buildImageReport, buildScanReport, unassessedImage, unreadablePlatform } from './build-report.js';
import { defaultCacheDir, factsFolder } from './cache-folders.js';
import { ScanError } from './errors.js';
import type { ReadLayer } from './facts-store.js';
import { readerFor } from './layer-crew.js';
import { withLayerFacts, type LayerFactsOptions } from './layer-facts.js';
import type { LayerReader } from './layer-reader.js';
import { matchImage } from './match-image.js';
import { openScanDatabase } from './open-database.js';
import { openRequested } from './open-requested.js';
import { artifactName, type ScanRequest } from './scan-request.js';

/**
 * Scans an image, of an archive or layout or by its name, and gives a report that tells what was found and what could
 * not be assessed. Finding something is not an error. Archives and layouts need no network.
 * @throws ImageError when the image cannot be read or is not what it claims to be; RegistryError when a registry does
 *   not give it; InvalidReferenceError for a name that is none; AdvisoryError when there is no database, or a corrupt
 *   one; ScanError when the image is larger than was allowed.
 */
export async function scanImage(context: Context, request: ScanRequest): Promise<ScanReport> {
  const cacheDir = request.cacheDir ?? defaultCacheDir();
  // First of all, because threads take a while to start.
  const reader = readerFor({ ...request, knowsNothing: !keepsFacts(request, cacheDir) });
  try {
    const database = openScanDatabase(request.databasePath, cacheDir);
    try {
      const cache = openFactsCache(request, cacheDir);
      return await scanWith(context, request, { reader, database, cache });
    } finally {
      database.close();
    }
  } finally {
    await reader.close();
  }
}

interface Equipment {
  readonly reader: LayerReader;
  readonly database: OpenedDatabase;
  readonly cache: Cache;
}

async function scanWith(context: Context, request: ScanRequest, equipment: Equipment): Promise<ScanReport> {
  try {
    const opened = await openRequested(context, request, equipment.cache);
    try {
      return await scanOpened(context, request, equipment, opened);
    } finally {
      await opened.close();
    }
  } catch (thrown) {
    const unassessed = thrown instanceof ImageError ? unassessedImage(thrown, request) : undefined;
    if (unassessed === undefined) throw thrown;
    return buildScanReport(context, request, { reports: [unassessed], notices: [] }, equipment.database.info());
  }
}

async function scanOpened(
  context: Context,
  request: ScanRequest,
  { reader, database, cache }: Equipment,
  { images, unreadable = [], notices }: OpenedImages,
): Promise<ScanReport> {
  const assessed: AssessedImage[] = [];
  const unread = [...unreadable];
  const reportOf = (all: readonly AssessedImage[]): ScanReport => {
    const sentences = new Set([...notices, ...all.flatMap((one) => one.notices)]);
    const reports = [...all.map((one) => one.report), ...unread.map((one) => unreadablePlatform(one, request))];
    return buildScanReport(context, request, { reports, notices: [...sentences] }, database.info());
  };
  let report: ScanReport | undefined;
  const options = { ...readingOptions(request), reader, cache, known: new Map() };
  for (const image of images) checkSize(image, request);
  for (const image of images) {
    const before = [...assessed];
    try {
      const last = await withLayerFacts(context, image, options, (layers) => {
        const one = assessImage(context, request, image, layers, database);
        if (image !== images.at(-1)) return { one, report: undefined };
        const whole = reportOf([...before, one]);
        request.onDraft?.(whole);
        return { one, report: whole };
      });
      assessed.push(last.one);
      report = last.report;
    } catch (thrown) {
      if (images.length + unreadable.length === 1 || !concernsImage(thrown)) throw thrown;
      unread.push({ platform: image.platform, error: thrown });
    }
  }
  const [first] = unread;
  if (first && assessed.length === 0) throw first.error;
  return report ?? reportOf(assessed);
}

/** Where compressed bytes alone are too many, nothing is downloaded. */
function checkSize({ layers }: Image, request: ScanRequest): void {
  const toDownload = layers.filter((layer) => layer.contentAddressed);
  const bytes = toDownload.reduce((sum, layer) => sum + layer.sizeBytes, 0);
  if (request.maxImageBytes === undefined || bytes <= request.maxImageBytes) return;
  throw tooLarge(request, `has ${bytes} compressed bytes, and unpacks to more than ${request.maxImageBytes}`);
}

function tooLarge(request: ScanRequest, what: string): ScanError {
  return new ScanError('IMAGE_TOO_LARGE', `${artifactName(request)} ${what}`, {
    hint: 'raise --max-image-size to scan it',
  });
}

/** May facts of any layer be there? */
function keepsFacts(request: ScanRequest, cacheDir: string | undefined): boolean {
  return request.cacheBackend !== 'memory' && cacheDir !== undefined && existsSync(factsFolder(cacheDir));
}

function openFactsCache(request: ScanRequest, cacheDir: string | undefined): Cache {
  if (request.cacheBackend === 'memory' || cacheDir === undefined) return noCache();
  const { factsCacheBytes: maxBytes, factsCacheEntries: maxEntries } = limits;
  const log = (_: 'debug', reason: string): void => request.onNotKept?.(reason);
  return openCache({ dir: factsFolder(cacheDir), maxBytes, maxEntries, log });
}

interface AssessedImage {
  readonly report: ImageReport;
  readonly notices: readonly string[];
}

function assessImage(
  context: Context,
  request: ScanRequest,
  image: Image,
  layers: readonly ReadLayer[],
  database: OpenedDatabase,
): AssessedImage {
  const facts = squashLayers(
    layers.map((layer) => layer.facts),
    { detectionPriority: request.detectionPriority ?? 'precise', distro: request.distro, kinds: kindsOf(request) },
  );
  const now = context.now();
  const matched = matchImage(database, facts, request, now);
  return { report: buildImageReport(image, layers, facts, matched, request, now), notices: matched.notices };
}

function readingOptions(request: ScanRequest): Omit<LayerFactsOptions, 'reader' | 'cache' | 'known'> {
  const catalog: CatalogOptions = {
    skipDirs: request.skipDirs ?? [],
    skipFiles: request.skipFiles ?? [],
    kinds: kindsOf(request),
  };
  const onUnpacked = (bytes: number): void => {
    if (request.maxImageBytes === undefined || bytes <= request.maxImageBytes) return;
    throw tooLarge(request, `unpacks to more than ${request.maxImageBytes} bytes`);
  };
  return { catalog, fingerprint: catalogFingerprint(catalog), onUnpacked };
}

function kindsOf(request: ScanRequest): { readonly os: boolean; readonly language: boolean } {
  const types = request.packageTypes ?? ['os', 'library'];
  return { os: types.includes('os'), language: types.includes('library') };
}
