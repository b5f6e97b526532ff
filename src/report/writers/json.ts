import { severityRank, type Cvss, type Finding, type SuppressedFinding } from '../../findings/index.js';
import { isTidewaiterError } from '../../core/index.js';
import { parseReference } from '../../reference/index.js';
import { inChunks } from '../chunks.js';
import { encodeGoJson, goValueOf, LazyList, omitEmpty, type GoValue } from '../go-json.js';
import { goTime } from '../go-time.js';
import { imageConfigMember } from '../image-config.js';
import { packageLookup } from '../package-lookup.js';
import { resultTarget, type ResultContext } from '../result-target.js';
import type { ImageReport, LayerReport, PackageReport, ResultReport, ScanReport } from '../scan-report.js';
import { tidewaiterMember } from '../tidewaiter-member.js';
import type { WriteOptions, Writer } from '../writer.js';

/**
 * Trivy's JSON, schema version 2, with all that is ours under one more top-level member, `Tidewaiter`. A report on
 * several platforms has no `Metadata` and no `ArtifactID` of its own: `Tidewaiter.Images` holds each image's.
 */
export const json = {
  id: 'json',
  aliases: [],
  mediaType: 'application/json',
  summary: "Trivy's JSON, with what is ours under Tidewaiter",
  *write(report: ScanReport, options: WriteOptions): Iterable<string> {
    yield* inChunks(encodeGoJson(documentOf(report, options)));
    yield '\n';
  },
} as const satisfies Writer;

function documentOf(report: ScanReport, options: WriteOptions): GoValue {
  const [first, ...others] = report.images;
  const only = others.length === 0 ? first : undefined;
  const results = report.images.flatMap((image) => image.results.filter(isListed).map((result) => ({ image, result })));
  return omitEmpty({
    SchemaVersion: 2,
    ReportID: report.reportId,
    CreatedAt: goTime(report.createdAt) ?? report.createdAt,
    ArtifactID: only && artifactId(report, only, options),
    ArtifactName: report.artifact.name,
    ArtifactType: report.artifact.type,
    Metadata: only && metadataOf(report, only),
    Results: LazyList.of(results, ({ image, result }) => resultOf({ report, image, result, options })),
    Tidewaiter: tidewaiterMember(report, (image) =>
      omitEmpty({ ArtifactID: artifactId(report, image, options), Metadata: metadataOf(report, image) }),
    ),
  });
}

/** Packages of these families are matched by nobody; Trivy lists none of them, and `Unknowns` says so here. */
const unlistedFamilies: ReadonlySet<string> = new Set(['none', 'fedora', 'centos-stream', 'opensuse']);

function isListed(result: ResultReport): boolean {
  return result.class !== 'os-pkgs' || !unlistedFamilies.has(result.type);
}

function metadataOf(report: ScanReport, image: ImageReport): GoValue {
  const system = image.operatingSystem;
  const matched = image.results.some((result) => result.class === 'os-pkgs');
  return omitEmpty({
    Size: image.sizeBytes,
    OS: system && {
      Family: system.family,
      Name: system.name,
      ...omitEmpty({ EOSL: system.endOfLife && matched, extended: system.extended }),
    },
    ImageID: image.imageId,
    DiffIDs: image.layers.map((layer) => layer.diffId),
    RepoTags: image.repoTags,
    RepoDigests: image.repoDigests,
    Reference: referenceOf(report, image),
    ImageConfig: imageConfigMember(image.config),
    Layers: image.layers.map((layer) => omitEmpty({ Size: layer.sizeBytes, ...layerNames(layer) })),
  });
}

/** The name of the image that the artifact was asked for by; an archive's first name. Text that is no name is none. */
function referenceOf(report: ScanReport, image: ImageReport): string | undefined {
  const names = [...image.repoTags, ...image.repoDigests].filter((name) => repositoryOf(name) !== undefined);
  return names.find((name) => name === report.artifact.name) ?? names[0];
}

/** Differs for the same image in two repositories, and is the same for all tags of one. */
function artifactId(report: ScanReport, image: ImageReport, options: WriteOptions): string {
  const reference = referenceOf(report, image);
  if (reference === undefined) return image.imageId;
  return `sha256:${options.sha256Hex(`${image.imageId}:${repositoryOf(reference)}`)}`;
}

function repositoryOf(name: string): string | undefined {
  try {
    const { registry, repository } = parseReference(name);
    return `${registry === 'docker.io' ? 'index.docker.io' : registry}/${repository}`;
  } catch (error) {
    if (!isTidewaiterError(error)) throw error;
    return undefined; // names in archives are unchecked text
  }
}

function resultOf(context: ResultContext): GoValue {
  const { report, image, result, options } = context;
  const target = resultTarget(context);
  const artifact = artifactId(report, image, options);
  const packageOf = packageLookup(result.packages);
  const vulnerability = (finding: Finding): GoValue => {
    const found = packageOf(finding);
    return vulnerabilityOf(finding, {
      package: found,
      layer: found && layerOf(image, found),
      fingerprint: `sha256:${options.sha256Hex(`${artifact}:${target}:${finding.packageId}:${finding.vulnerabilityId}`)}`,
    });
  };
  const { listAllPackages = true, showSuppressed = false } = options;
  return {
    Target: target,
    ...omitEmpty({
      Class: result.class,
      Type: result.type,
      Packages: LazyList.of(listAllPackages ? result.packages : [], (item) => packageMember(image, item)),
      Vulnerabilities: LazyList.of(result.findings, vulnerability),
      ExperimentalModifiedFindings: LazyList.of(showSuppressed ? result.suppressed : [], (item) =>
        modifiedFinding(item, vulnerability(item.finding)),
      ),
    }),
  };
}

function modifiedFinding({ status, statement, source }: SuppressedFinding, finding: GoValue): GoValue {
  return { Type: 'vulnerability', Status: status, Statement: statement ?? '', Source: source, Finding: finding };
}

function packageMember(image: ImageReport, item: PackageReport): GoValue {
  const { source } = item;
  return omitEmpty({
    ID: item.id,
    Name: item.name,
    Identifier: omitEmpty({ PURL: item.purl, UID: item.uid }),
    Version: item.version,
    Release: item.release,
    Epoch: item.epoch,
    Arch: item.arch,
    Dev: item.dev,
    SrcName: source?.name,
    SrcVersion: source?.version,
    SrcRelease: source?.release,
    SrcEpoch: source?.epoch,
    Licenses: item.licenses,
    Maintainer: item.maintainer,
    Modularitylabel: item.modularityLabel,
    Repository: item.origin && { Class: item.origin },
    Indirect: item.relationship === 'indirect',
    Relationship: item.relationship === 'unknown' ? undefined : item.relationship,
    DependsOn: item.dependsOn,
    Layer: layerOf(image, item),
    FilePath: item.filePath,
    Digest: item.digest,
    InstalledFiles: item.installedFiles,
    AnalyzedBy: item.analyzedBy,
  });
}

function layerOf(image: ImageReport, item: PackageReport): GoValue {
  const layer = image.layers[item.layerIndex];
  return layer && omitEmpty(layerNames(layer));
}

/** A layer that is stored uncompressed has no digest of compressed bytes. */
function layerNames({ digest, diffId }: LayerReport): { readonly [member: string]: GoValue } {
  return { Digest: digest === diffId ? undefined : digest, DiffID: diffId };
}

function vulnerabilityOf(
  finding: Finding,
  place: { readonly package: PackageReport | undefined; readonly layer: GoValue; readonly fingerprint: string },
): GoValue {
  const { detail, dataSource } = finding;
  return {
    ...omitEmpty({
      VulnerabilityID: finding.vulnerabilityId,
      VendorIDs: finding.vendorIds,
      PkgID: finding.packageId,
      PkgName: finding.packageName,
      PkgPath: finding.packagePath,
      PkgIdentifier: place.package && omitEmpty({ PURL: place.package.purl, UID: place.package.uid }),
      InstalledVersion: finding.installedVersion,
      FixedVersion: finding.fixedVersion,
      Status: finding.status === 'unknown' ? undefined : finding.status,
      Layer: place.layer,
      SeveritySource: finding.severitySource,
      PrimaryURL: finding.primaryUrl,
      DataSource:
        dataSource &&
        omitEmpty({ ID: dataSource.id, Name: dataSource.name, URL: dataSource.url, BaseID: dataSource.baseId }),
      Fingerprint: place.fingerprint,
    }),
    // A value of any kind: an empty one is a value too.
    Custom: finding.custom === undefined || finding.custom === null ? undefined : goValueOf(finding.custom),
    ...omitEmpty({
      Title: detail?.title,
      Description: detail?.description,
      Severity: finding.severity,
      CweIDs: detail?.cweIds,
      VendorSeverity: mapOf(detail?.vendorSeverity, (severity) => severityRank(severity)),
      CVSS: mapOf(detail?.cvss, cvssMember),
      References: detail?.references,
      PublishedDate: goTime(detail?.publishedDate),
      LastModifiedDate: goTime(detail?.lastModifiedDate),
    }),
  };
}

function mapOf<T>(record: Readonly<Record<string, T>> | undefined, convert: (value: T) => GoValue): GoValue {
  return record && new Map(Object.entries(record).map(([key, value]) => [key, convert(value)]));
}

function cvssMember(cvss: Cvss): GoValue {
  return omitEmpty({
    V2Vector: cvss.v2Vector,
    V3Vector: cvss.v3Vector,
    V40Vector: cvss.v40Vector,
    V2Score: cvss.v2Score,
    V3Score: cvss.v3Score,
    V40Score: cvss.v40Score,
  });
}
