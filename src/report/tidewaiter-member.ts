import type { Unknown } from '../findings/index.js';
import type { Verdict } from '../screening/index.js';
import { LazyList, omitEmpty, type GoValue } from './go-json.js';
import { goTime } from './go-time.js';
import type { CoverageReport, DatabaseInfo, ImageReport, ScanReport } from './scan-report.js';

/**
 * Everything that Trivy's JSON has no place for. `Verdict`, `Unknowns` and `Coverage` are always there, so that a
 * reader need not guess what a missing member means; `Images` only where the report holds several platforms.
 */
export function tidewaiterMember(report: ScanReport, metadataOf: (image: ImageReport) => GoValue): GoValue {
  const several = report.images.length > 1;
  const unknowns = report.images.flatMap((image) => image.unknowns.map((unknown) => ({ image, unknown })));
  return {
    Version: report.tool.version,
    Verdict: verdictOf(report.verdict),
    Unknowns: LazyList.of(unknowns, ({ image, unknown }) => unknownOf(unknown, several ? image.platform : undefined)),
    Coverage: report.images.flatMap((image) =>
      image.coverage.map((coverage) => coverageOf(coverage, several ? image.platform : undefined)),
    ),
    Database: report.database && databaseOf(report.database),
    Notices: report.notices,
    Narrowing: narrowingOf(report),
    Platform: several ? undefined : report.images[0]?.platform,
    EndOfLife: several ? undefined : endOfLifeOf(report.images[0]),
    Images: several
      ? report.images.map((image) => ({
          Platform: image.platform,
          ManifestDigest: image.manifestDigest,
          Verdict: verdictOf(image.verdict),
          EndOfLife: endOfLifeOf(image),
          ...(metadataOf(image) as { readonly [member: string]: GoValue }),
        }))
      : undefined,
  };
}

function narrowingOf({ narrowing, images }: ScanReport): GoValue {
  const suppressed = images.flatMap((image) => image.results.flatMap((result) => result.suppressed));
  const ignored = suppressed.filter(({ status }) => status === 'ignored').length;
  if (!narrowing && ignored === 0) return undefined;
  return omitEmpty({
    Severities: narrowing?.severities,
    WithoutStatuses: narrowing?.withoutStatuses,
    PackageTypes: narrowing?.packageTypes,
    PackageRelationships: narrowing?.packageRelationships,
    Skipped: narrowing?.skipped,
    Ignored: ignored,
  });
}

function verdictOf(verdict: Verdict): GoValue {
  return { Outcome: verdict.outcome, Reasons: verdict.reasons };
}

function unknownOf(unknown: Unknown, platform: string | undefined): GoValue {
  return omitEmpty({
    Code: unknown.code,
    Subject: unknown.subject,
    Reason: unknown.reason,
    Layer: unknown.layer,
    Cataloger: unknown.cataloger,
    Platform: platform,
  });
}

function coverageOf(coverage: CoverageReport, platform: string | undefined): GoValue {
  return { Scope: coverage.scope, Packages: coverage.packages, Reviewed: coverage.reviewed, Platform: platform };
}

function databaseOf(database: DatabaseInfo): GoValue {
  return {
    Kind: database.kind,
    Location: database.location,
    SchemaVersion: database.schemaVersion,
    ...omitEmpty({
      Digest: database.digest,
      UpdatedAt: goTime(database.updatedAt),
      NextUpdate: goTime(database.nextUpdate),
    }),
  };
}

function endOfLifeOf(image: ImageReport | undefined): GoValue {
  const system = image?.operatingSystem;
  if (!system) return undefined;
  return { Reached: system.endOfLife, Date: system.endOfLifeDate };
}
