import { minorOf, type ReleaseQuestion } from './distribution.js';
import { endOfLifeDates } from './end-of-life-dates.js';
import { lastMoment } from './last-moment.js';

/** Alpine's bucket: the repository's release where there is one, because that is where the packages came from. */
export function alpineBucket(question: ReleaseQuestion): string {
  return `alpine ${alpineRepositoryRelease(question) ?? minorOf(question.operatingSystem.name)}`;
}

/**
 * The release that the apk repositories point to; absent where they point to none that can be looked up
 * (`latest-stable`), or to another distribution's.
 */
export function alpineRepositoryRelease({ repository }: ReleaseQuestion): string | undefined {
  if (repository?.family !== 'alpine') return undefined;
  if (repository.release === 'edge') return 'edge';
  return /^[0-9]+(?:\.[0-9]+)*$/.test(repository.release) ? minorOf(repository.release) : undefined;
}

/** Ubuntu's release with `-ESM` where extended maintenance is what supports it. */
export function ubuntuRelease({ operatingSystem, now }: Pick<ReleaseQuestion, 'operatingSystem' | 'now'>): string {
  const { name, extended } = operatingSystem;
  const full = extended && !name.endsWith('-ESM') ? `${name}-ESM` : name;
  if (endOf(full) !== undefined || !full.endsWith('-ESM')) return full;
  const base = full.slice(0, -'-ESM'.length);
  const day = endOf(base);
  if (day === undefined) return full;
  const end = lastMoment(day);
  return end === undefined || now < new Date(end) ? base : full;
}

function endOf(release: string): string | undefined {
  const dates: Readonly<Record<string, string>> = endOfLifeDates.ubuntu;
  return Object.hasOwn(dates, release) ? dates[release] : undefined;
}
