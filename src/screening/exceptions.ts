import type { Finding, SuppressedFinding } from '../findings/index.js';
import type { PurlPattern } from './purl-pattern.js';

/** All entries of one file, in its order; the first that fits a finding counts. */
export interface Exceptions {
  /** The file they come from, as reports name it. */
  readonly source: string;
  readonly entries: readonly Exception[];
  /** Sentences for the user about lines that were passed over. */
  readonly warnings: readonly string[];
}

/** One accepted finding. */
export interface Exception {
  /** Identifier, compared exactly. */
  readonly id: string;
  /** What the identifier is of; `any` in files that do not say. */
  readonly kind: 'any' | 'vulnerability' | 'misconfiguration' | 'secret' | 'license';
  /** Result target or package file must match one of these; none: anywhere. */
  readonly paths: readonly ((path: string) => boolean)[];
  /** The package must be one of these; none: any package. */
  readonly purls: readonly PurlPattern[];
  /** From this moment on it no longer counts. */
  readonly expiresAt?: Date | undefined;
  readonly statement?: string | undefined;
}

/** What an exception may ask about a finding. */
export interface ExceptionSubject {
  readonly finding: Finding;
  /** Target of the result that holds it. */
  readonly target: string;
  readonly purl?: string | undefined;
}

/** Looks for the first entry that fits a finding, by its identifier first: files of many thousand entries stay quick. */
export function exceptionFinder(
  exceptions: Exceptions,
  now: Date,
): (subject: ExceptionSubject) => SuppressedFinding | undefined {
  const byId = new Map<string, Exception[]>();
  for (const entry of exceptions.entries) {
    const others = byId.get(entry.id);
    if (others) others.push(entry);
    else byId.set(entry.id, [entry]);
  }
  return (subject) => {
    const candidates = byId.get(subject.finding.vulnerabilityId);
    const entry = candidates?.find((candidate) => fits(candidate, subject, now));
    if (!entry) return undefined;
    return { finding: subject.finding, status: 'ignored', statement: entry.statement, source: exceptions.source };
  };
}

function fits(entry: Exception, subject: ExceptionSubject, now: Date): boolean {
  if (entry.kind !== 'any' && entry.kind !== 'vulnerability') return false;
  if (entry.expiresAt && entry.expiresAt.getTime() < now.getTime()) return false;
  return fitsPath(entry, subject) && fitsPurl(entry, subject);
}

function fitsPath(entry: Exception, { target, finding }: ExceptionSubject): boolean {
  if (entry.paths.length === 0) return true;
  return entry.paths.some(
    (matches) => matches(target) || (finding.packagePath !== undefined && matches(finding.packagePath)),
  );
}

/** A package without a PURL cannot be told apart by one, so the condition passes. */
function fitsPurl(entry: Exception, { purl }: ExceptionSubject): boolean {
  return purl === undefined || entry.purls.length === 0 || entry.purls.some((pattern) => pattern(purl));
}
