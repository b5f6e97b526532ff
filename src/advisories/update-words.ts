import type { UpdateState } from './update-state.js';

const dayMs = 24 * 60 * 60 * 1000;

/** What scans use after an update that failed, and how old it is; one sentence. */
export function stateInWords({ installed, metadata }: Pick<UpdateState, 'installed' | 'metadata'>, now: Date): string {
  if (!installed) return 'No database is installed: scans use the starter database inside the package';
  const age = databaseAge(metadata?.updatedAt, now);
  return age === undefined
    ? 'The installed database stays in use; its age is not known'
    : `The database of ${age} stays in use`;
}

/** `54.2 MB`, `667 bytes`. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `2026-08-21 (94 days old)`; `undefined` if the time is not known. */
export function databaseAge(updatedAt: string | undefined, now: Date): string | undefined {
  if (updatedAt === undefined) return undefined;
  const days = Math.floor((now.getTime() - Date.parse(updatedAt)) / dayMs);
  if (Number.isNaN(days)) return undefined;
  const words = days <= 0 ? 'less than a day old' : days === 1 ? 'a day old' : `${days} days old`;
  return `${updatedAt.slice(0, 10)} (${words})`;
}
