import { inChunks } from '../chunks.js';
import { packageLookup } from '../package-lookup.js';
import type { PackageReport, ResultReport, ScanReport } from '../scan-report.js';
import type { WriteOptions, Writer } from '../writer.js';

/**
 * Our own document: `ScanReport` as JSON, every platform and every suppressed finding included. Without
 * `listAllPackages` only the packages that have findings are listed.
 */
export const tidewaiter = {
  id: 'tidewaiter',
  aliases: [],
  mediaType: 'application/vnd.tidewaiter.report.v1+json',
  summary: 'our own document, with a published JSON Schema',
  *write(report: ScanReport, options: WriteOptions): Iterable<string> {
    yield* inChunks(encode(options.listAllPackages === false ? withoutQuietPackages(report) : report));
    yield '\n';
  },
} as const satisfies Writer;

/** Lists of this depth and above are written item by item: report, images, image, results, result, findings. */
const pieceDepth = 6;

function* encode(value: unknown, indent = '', depth = 0): Generator<string> {
  if (depth === pieceDepth || typeof value !== 'object' || value === null) {
    yield (JSON.stringify(value, null, 2) ?? 'null').replaceAll('\n', `\n${indent}`);
    return;
  }
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  let separator = isList ? '[\n' : '{\n';
  for (const [name, member] of isList ? value.entries() : Object.entries(value)) {
    if (member === undefined) continue;
    yield `${separator}${inner}${isList ? '' : `${JSON.stringify(name)}: `}`;
    yield* encode(member, inner, depth + 1);
    separator = ',\n';
  }
  if (separator !== ',\n') yield isList ? '[]' : '{}';
  else yield `\n${indent}${isList ? ']' : '}'}`;
}

function withoutQuietPackages(report: ScanReport): ScanReport {
  const images = report.images.map((image) => ({
    ...image,
    results: image.results.map((result) => ({ ...result, packages: loudPackages(result) })),
  }));
  return { ...report, images };
}

function loudPackages(result: ResultReport): readonly PackageReport[] {
  const packageOf = packageLookup(result.packages);
  const findings = [...result.findings, ...result.suppressed.map((item) => item.finding)];
  const loud = new Set(findings.map(packageOf));
  return result.packages.filter((item) => loud.has(item));
}
