/** In rising order; the index is the number that vulnerability databases store. */
export const severities = ['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Severity = (typeof severities)[number];

/** 0 (UNKNOWN) to 4 (CRITICAL). */
export function severityRank(severity: Severity): number {
  return severities.indexOf(severity);
}

/** The severity of a database's number; anything outside 0-4 is UNKNOWN. */
export function severityOfRank(rank: number): Severity {
  return severities[rank] ?? 'UNKNOWN';
}
