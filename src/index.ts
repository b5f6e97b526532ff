/**
 * tidewaiter as a library: scan an image, read names, write reports. Everything exported here is stable within a major
 * version; everything else is not reachable.
 */
import { createContext, type Context } from './core/index.js';
import { checkRequest, scanImage as scan, type ScanRequest } from './scan/index.js';
import type { ScanReport } from './report/index.js';

/**
 * Scans the image of an archive (`docker save`, OCI, containerd export; plain, gzip or zstd) or of an OCI layout, or an
 * image by its name, from Docker, containerd, Podman or a registry. Archives and layouts need no network. Finding something is not an error; what could not be assessed is in the report, and its verdict is
 * then `incomplete`.
 * @throws TidewaiterError with a `code`, and mostly a `hint`, when the work could not be done; `INVALID_REQUEST` for a
 *   request that is none.
 */
export async function scanImage(request: ScanRequest, context: Partial<Context> = {}): Promise<ScanReport> {
  checkRequest(request);
  return await scan(createContext(context), request);
}

export type { ScanRequest };
export type { HostAccess, RegistryAccess } from './access/index.js';
export {
  TidewaiterError,
  isTidewaiterError,
  type CancelSignal,
  type Context,
  type LogLevel,
  type ProgressStep,
} from './core/index.js';
export * from './reference/index.js';
export * from './findings/index.js';
export type { OperatingSystem, Relationship } from './ecosystems/index.js';
export { parseIgnoreFile, ScreeningError, type Exceptions } from './screening/index.js';
export {
  evaluatePolicy,
  lintPolicy,
  loadExpressions,
  loadPolicy,
  parsePolicy,
  PolicyError,
  type Decision,
  type Policy,
  type PolicyProblem,
  type PolicySubject,
  type Reason,
  type ScanFacts,
} from './policy/index.js';
export { scanFactsOf } from './subjects/index.js';
export * from './report/index.js';
