import type { Unknown, UnknownCode } from '../findings/index.js';
import type { ImageReport, ResultReport } from './scan-report.js';

/** How much of a result was assessed: a count of a result that is not `full` must never look like all there is. */
export type Assessment = 'full' | 'partial' | 'none';

/** Nothing of the distribution's packages could be matched. */
const noSystem: readonly UnknownCode[] = ['NO_OS', 'UNSUPPORTED_OS', 'NO_ADVISORIES_FOR_RELEASE'];

/** Says something about the distribution's packages alone. */
const aboutSystem: readonly UnknownCode[] = [...noSystem, 'PACKAGE_DATABASE_MISSING', 'PACKAGE_DATABASE_CORRUPT'];

/** Advisory scopes of the language ecosystems; every other scope is a distribution's. */
const languageScopes: Readonly<Record<string, readonly string[]>> = {
  npm: ['npm', 'node-pkg', 'yarn', 'pnpm', 'bun'],
  pip: ['pip', 'python-pkg', 'pipenv', 'poetry', 'uv', 'pylock'],
};

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
  if (unknown.code === 'NO_ADVISORIES_FOR_ECOSYSTEM') return !ofSystem && namesEcosystem(unknown, result);
  if (unknown.code === 'OUTSIDE_COVERAGE') return isOutside(image, result);
  return true;
}

function isOutside(image: ImageReport, result: ResultReport): boolean {
  const mine = image.coverage.filter((coverage) =>
    result.class === 'os-pkgs' ? !isLanguageScope(coverage.scope) : typesOf(coverage.scope).includes(result.type),
  );
  return mine.length === 0 || mine.some((coverage) => coverage.reviewed < coverage.packages);
}

function namesEcosystem(unknown: Unknown, result: ResultReport): boolean {
  const known = Object.keys(languageScopes).filter((scope) => scopeName(unknown.subject) === scope);
  if (unknown.subject === result.type) return true;
  return known.length === 0
    ? !isKnownType(unknown.subject)
    : known.some((scope) => typesOf(scope).includes(result.type));
}

function isKnownType(type: string): boolean {
  return Object.values(languageScopes).some((types) => types.includes(type));
}

function isLanguageScope(scope: string): boolean {
  return Object.hasOwn(languageScopes, scopeName(scope));
}

function typesOf(scope: string): readonly string[] {
  const name = scopeName(scope);
  return Object.hasOwn(languageScopes, name) ? (languageScopes[name] ?? []) : [];
}

/** `npm` of `npm` and `npm::`. */
function scopeName(scope: string): string {
  return scope.replace(/::.*$/s, '');
}
