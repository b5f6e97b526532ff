// Uses the library as a stranger would: its types alone, without those of Node.js or of a browser.
import { parseReference, scanImage, type Finding, type ScanReport } from 'tidewaiter';

declare const process: { readonly argv: readonly string[]; exitCode?: number };
declare const console: { log(...words: readonly unknown[]): void };

const report: ScanReport = await scanImage({ input: process.argv[2] ?? '', severities: ['HIGH', 'CRITICAL'] });
const findings: readonly Finding[] = report.images.flatMap((image) =>
  image.results.flatMap((result) => result.findings),
);
console.log(`${parseReference('nginx').registry}: ${findings.length} findings, ${report.verdict.outcome}`);
if (findings.length === 0) process.exitCode = 1;
