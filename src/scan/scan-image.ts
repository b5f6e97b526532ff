import { arch, tmpdir } from 'node:os';
import { noCache, openCache, type Cache } from '../cache/index.js';
import { limits, type Context } from '../core/index.js';
import type { OpenedDatabase } from '../advisories/index.js';
import { openImages, ImageError, type Image, type OpenedImages } from '../image/index.js';
import { catalogFingerprint, squashLayers, type CatalogOptions } from '../packages/index.js';
import { normalizePlatform, parsePlatform } from '../reference/index.js';
import type { ImageReport, ScanReport } from '../report/index.js';
import { buildImageReport, buildScanReport, unassessedImage } from './build-report.js';
import { defaultCacheDir, factsFolder } from './cache-folders.js';
import { ScanError } from './errors.js';
import type { ReadLayer } from './facts-store.js';
import { readerFor } from './layer-crew.js';
import { withLayerFacts, type LayerFactsOptions } from './layer-facts.js';
import type { LayerReader } from './layer-reader.js';
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
  // First of all, because threads take a while to start.
  const reader = readerFor(request.input, request.parallel);
  try {
    const cacheDir = request.cacheDir ?? defaultCacheDir();
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
    const opened = await openImages(context, {
      input: request.input,
      stdin: request.input === '-' ? process.stdin : undefined,
      hostPlatform: normalizePlatform({ os: 'linux', architecture: arch() }),
      reference: request.reference,
      platform: request.platform === undefined ? undefined : parsePlatform(request.platform),
      spoolDir: tmpdir(),
    });
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
  { images, notices }: OpenedImages,
): Promise<ScanReport> {
  const assessed: AssessedImage[] = [];
  const reportOf = (all: readonly AssessedImage[]): ScanReport => {
    const sentences = new Set([...notices, ...all.flatMap((one) => one.notices)]);
    const reports = all.map((one) => one.report);
    return buildScanReport(context, request, { reports, notices: [...sentences] }, database.info());
  };
  let report: ScanReport | undefined;
  const options = { ...readingOptions(request), reader, cache };
  for (const image of images) {
    const before = [...assessed];
    const last = await withLayerFacts(context, image, options, (layers) => {
      const one = assessImage(context, request, image, layers, database);
      if (before.length + 1 < images.length) return { one, report: undefined };
      const whole = reportOf([...before, one]);
      request.onDraft?.(whole);
      return { one, report: whole };
    });
    assessed.push(last.one);
    report = last.report;
  }
  return report ?? reportOf(assessed);
}

function openFactsCache(request: ScanRequest, cacheDir: string | undefined): Cache {
  if (request.cacheBackend === 'memory' || cacheDir === undefined) return noCache();
  return openCache({ dir: factsFolder(cacheDir), maxBytes: limits.factsCacheBytes });
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

function readingOptions(request: ScanRequest): Omit<LayerFactsOptions, 'reader' | 'cache'> {
  const catalog: CatalogOptions = {
    skipDirs: request.skipDirs ?? [],
    skipFiles: request.skipFiles ?? [],
    kinds: kindsOf(request),
  };
  const onUnpacked = (bytes: number): void => {
    if (request.maxImageBytes === undefined || bytes <= request.maxImageBytes) return;
    throw new ScanError('IMAGE_TOO_LARGE', `${request.input} unpacks to more than ${request.maxImageBytes} bytes`, {
      hint: 'raise --max-image-size to scan it',
    });
  };
  return { catalog, fingerprint: catalogFingerprint(catalog), onUnpacked };
}

function kindsOf(request: ScanRequest): { readonly os: boolean; readonly language: boolean } {
  const types = request.packageTypes ?? ['os', 'library'];
  return { os: types.includes('os'), language: types.includes('library') };
}
