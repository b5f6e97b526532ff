import { randomBytes } from 'node:crypto';
import type { Context } from '../core/index.js';
import { endOfLife } from '../ecosystems/index.js';
import type { Finding, Unknown } from '../findings/index.js';
import type { Image, ImageError, UnreadableImage } from '../image/index.js';
import type { ImageFacts, PlacedPackage } from '../packages/index.js';
import { applyFilters, judge, worstVerdict } from '../screening/index.js';
import { formatPlatform } from '../reference/index.js';
import type {
  DatabaseInfo,
  ImageReport,
  OperatingSystemReport,
  PackageReport,
  ResultReport,
  ScanReport,
} from '../report/index.js';
import type { ReadLayer } from './facts-store.js';
import type { MatchedImage, MatchedPackages } from './match-image.js';
import { narrowingOf } from './narrowing.js';
import { artifactName, type ScanRequest } from './scan-request.js';

declare const TIDEWAITER_VERSION: string | undefined;

/** This version of the product; `0.0.0` when run from its sources. */
export const toolVersion = typeof TIDEWAITER_VERSION === 'string' ? TIDEWAITER_VERSION : '0.0.0';

/** The report of one image: filtered, judged, ready for every writer. */
export function buildImageReport(
  image: Image,
  layers: readonly ReadLayer[],
  facts: ImageFacts,
  matched: MatchedImage,
  request: ScanRequest,
  now: Date,
): ImageReport {
  const operatingSystem = operatingSystemReport(facts, now);
  const osTarget = operatingSystem
    ? `${artifactName(request)} (${[operatingSystem.family, operatingSystem.name].filter((word) => word !== '').join(' ')})`
    : artifactName(request);
  const results: ResultReport[] = [];
  if (matched.os !== undefined && operatingSystem !== undefined) {
    results.push(resultReport(matched.os, osTarget, 'os-pkgs', operatingSystem.family, request, now));
  }
  for (const application of matched.applications) {
    results.push(resultReport(application, application.target, 'lang-pkgs', application.type, request, now));
  }
  const unknowns = distinct([...facts.unknowns, ...matched.unknowns]);
  return {
    platform: formatPlatform(image.platform),
    imageId: image.imageId,
    manifestDigest: image.manifestDigest,
    repoTags: image.repoTags,
    repoDigests: image.repoDigests,
    sizeBytes: layers.reduce((sum, { facts: ofLayer }) => sum + ofLayer.uncompressedBytes, 0),
    config: image.config.document,
    layers: image.layers.map((layer, index) => ({
      digest: layers[index]?.digest,
      diffId: layer.diffId,
      sizeBytes: layers[index]?.facts.uncompressedBytes ?? 0,
      createdBy: layer.createdBy,
    })),
    operatingSystem,
    results,
    unknowns,
    coverage: matched.coverage,
    verdict: judge(
      // Without OS packages nothing was asked of the system, and so its end of life fails nothing.
      { results, unknowns, operatingSystem: matched.os && operatingSystem },
      {
        failOnFindings: request.failOnFindings,
        failOnEndOfLife: request.failOnEndOfLife,
        allowIncomplete: request.allowIncomplete,
        severities: request.severities,
      },
    ),
  };
}

/** The same thing may be told of by those who collect facts and by those who match them. */
function distinct(unknowns: readonly Unknown[]): readonly Unknown[] {
  const first = new Map<string, Unknown>();
  for (const unknown of unknowns) {
    const key = JSON.stringify([unknown.code, unknown.subject]);
    if (!first.has(key)) first.set(key, unknown);
  }
  return [...first.values()];
}

/** The report over all images of one artifact. */
export function buildScanReport(
  context: Context,
  request: ScanRequest,
  images: { readonly reports: readonly ImageReport[]; readonly notices: readonly string[] },
  database: DatabaseInfo,
): ScanReport {
  const now = context.now();
  return {
    schemaVersion: 1,
    reportId: uuid7(now),
    createdAt: now.toISOString(),
    tool: { name: 'tidewaiter', version: toolVersion },
    artifact: { name: artifactName(request), type: 'container_image' },
    database,
    images: images.reports,
    verdict: worstVerdict(images.reports.map((report) => report.verdict)),
    notices: images.notices,
    narrowing: narrowingOf(request),
  };
}

/**
 * Some things that are found instead of an image are no failure of ours, yet nothing of them was assessed: the report
 * of such a thing says so. For every other error there is none.
 */
export function unassessedImage(error: ImageError, request: ScanRequest): ImageReport | undefined {
  if (error.code !== 'ATTESTATION_ONLY') return undefined;
  const subject = artifactName(request);
  const unknown = { code: error.code, subject, reason: `${error.message}: nothing was assessed` };
  return emptyReport('unknown/unknown', unknown, request);
}

/** The report of a platform that was asked for together with others and cannot be read. */
export function unreadablePlatform({ platform, error }: UnreadableImage, request: ScanRequest): ImageReport {
  const name = formatPlatform(platform);
  const reason = `the image for ${name} cannot be read (${error.code}): ${error.message}; nothing of it was assessed`;
  return emptyReport(name, { code: 'PLATFORM_UNREADABLE', subject: name, reason }, request);
}

function emptyReport(platform: string, unknown: Unknown, request: ScanRequest): ImageReport {
  const unknowns = [unknown];
  return {
    platform,
    imageId: '',
    repoTags: [],
    repoDigests: [],
    sizeBytes: 0,
    config: {},
    layers: [],
    results: [],
    unknowns,
    coverage: [],
    verdict: judge({ results: [], unknowns }, { allowIncomplete: request.allowIncomplete }),
  };
}

function operatingSystemReport(facts: ImageFacts, now: Date): OperatingSystemReport | undefined {
  const system = facts.operatingSystem;
  if (system === undefined) return undefined;
  const support = endOfLife(system, now);
  return { ...system, endOfLifeDate: support.date, endOfLife: support.reached };
}

function resultReport(
  matched: MatchedPackages,
  target: string,
  resultClass: ResultReport['class'],
  type: string,
  request: ScanRequest,
  now: Date,
): ResultReport {
  const { findings, suppressed } = applyFilters(matched.findings, {
    severities: request.severities,
    ignoreUnfixed: request.ignoreUnfixed,
    ignoreStatuses: request.ignoreStatuses,
    exceptions: request.exceptions,
    now,
    target,
    purlOf: purlFinder(matched.packages),
  });
  return { target, class: resultClass, type, packages: matched.packages.map(packageReport), findings, suppressed };
}

function purlFinder(packages: readonly PlacedPackage[]): (finding: Finding) => string | undefined {
  const key = (name: string, id: string, path = ''): string => `${name}\0${id}\0${path}`;
  const purls = new Map(packages.map((one) => [key(one.package.name, one.package.id, one.package.filePath), one.purl]));
  return (finding) => purls.get(key(finding.packageName, finding.packageId, finding.packagePath));
}

function packageReport(placed: PlacedPackage): PackageReport {
  return {
    ...placed.package,
    purl: placed.purl,
    uid: placed.uid,
    layerIndex: placed.layerIndex,
    analyzedBy: placed.analyzedBy,
  };
}

/** RFC 9562 version 7: sorts by time. */
function uuid7(now: Date): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now.getTime(), 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
