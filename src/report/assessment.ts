import { ecosystemOf, ecosystems } from '../ecosystems/index.js';
import type { Unknown, UnknownCode } from '../findings/index.js';
import type { ImageReport, ResultReport } from './scan-report.js';

/** How much of a result was assessed: the count of one that is not `full` must never look like all there is. */
export type Assessment = 'full' | 'partial' | 'none';

/** Nothing of the distribution's packages could be matched. */
const noSystem: readonly UnknownCode[] = ['NO_OS', 'UNSUPPORTED_OS', 'NO_ADVISORIES_FOR_RELEASE'];

/** Says something about the distribution's packages alone. */
const aboutSystem: readonly UnknownCode[] = [
  ...noSystem,
  'PACKAGE_DATABASE_UNSUPPORTED',
  'PACKAGE_DATABASE_MISSING',
  'PACKAGE_DATABASE_CORRUPT',
];

/** Where an unknown cannot be pinned to one result, it counts against all that it may concern. */
export function assessmentOf(image: ImageReport, result: ResultReport): Assessment {
  const concerning = image.unknowns.filter((unknown) => concerns(unknown, image, result));
  const none: readonly UnknownCode[] = result.class === 'os-pkgs' ? noSystem : ['NO_ADVISORIES_FOR_ECOSYSTEM'];
  if (concerning.some((unknown) => none.includes(unknown.code))) return 'none';
  return concerning.length > 0 ? 'partial' : 'full';
}

function concerns(unknown: Unknown, image: ImageReport, result: ResultReport): boolean {
  const ofSystem = result.class === 'os-pkgs';
  if (aboutSystem.includes(unknown.code)) return ofSystem;
  // Packages of a kind that no result has.
  if (unknown.code === 'PACKAGES_UNSUPPORTED') return false;
  if (unknown.code === 'NO_ADVISORIES_FOR_ECOSYSTEM') return !ofSystem && isOfEcosystem(result, unknown.subject);
  if (unknown.code === 'OUTSIDE_COVERAGE') {
    return isLanguage(unknown.subject) ? isOfEcosystem(result, unknown.subject) : ofSystem;
  }
  return isOfCataloger(unknown, image, result);
}

/** A cataloger that found nothing at all may have missed something of any result. */
function isOfCataloger({ cataloger }: Unknown, image: ImageReport, result: ResultReport): boolean {
  if (cataloger === undefined) return true;
  const found = (one: ResultReport): boolean => one.packages.some((item) => item.analyzedBy === cataloger);
  return found(result) || !image.results.some(found);
}

function isOfEcosystem(result: ResultReport, subject: string): boolean {
  const name = ecosystemName(subject);
  return result.type === name || ecosystemOf(result.type)?.databaseName === name;
}

function isLanguage(subject: string): boolean {
  const name = ecosystemName(subject);
  return ecosystems.some(({ databaseName }) => databaseName === name);
}

/** `npm` of `npm` and `npm::`. */
function ecosystemName(subject: string): string {
  const end = subject.indexOf('::');
  return end < 0 ? subject : subject.slice(0, end);
}
