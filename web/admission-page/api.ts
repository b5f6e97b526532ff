/** What the server says of itself at `/api/status`; null: there is none. */
export interface Status {
  readonly version: string;
  readonly host: string;
  readonly startedAt: string;
  readonly now: string;
  readonly policy: {
    readonly name: string;
    readonly hash: string | null;
    readonly rules: number;
    readonly loadedAt: string;
  };
  readonly works: readonly Working[];
  readonly certificateExpiresAt: string;
  readonly recordsWaiting: number;
  readonly databaseUpdatedAt: string | null;
  readonly scans: { readonly running: number; readonly waiting: number } | null;
  readonly inFlight: number;
  readonly counts: readonly { readonly route: string; readonly outcome: string; readonly count: number }[];
  readonly recent: { readonly kept: number; readonly total: number; readonly namespaces: readonly string[] };
}

/** One thing that the server works with. */
export interface Working {
  readonly what: string;
  readonly problem: string | null;
  /** When what is in use was read, of a file. */
  readonly loadedAt: string | null;
}

/** One line of `/api/decisions`. */
export interface ListedDecision {
  readonly id: string;
  readonly time: string;
  readonly outcome: string;
  readonly allowed: boolean;
  readonly route: string;
  readonly operation?: string;
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly user?: string;
  readonly client?: string;
  readonly dryRun?: true;
  readonly images: readonly string[];
  readonly imageCount: number;
  readonly reason?: { readonly rule?: string; readonly message: string };
  readonly reasonCount: number;
}

export interface DecisionList {
  readonly decisions: readonly ListedDecision[];
  readonly next?: string;
  readonly newest?: string;
  readonly kept: number;
  readonly total: number;
}

/** A decision as the audit log has it. */
export interface DecisionRecord {
  readonly id: string;
  readonly record: Readonly<Record<string, unknown>>;
}

/** Why there is no answer. */
export class ApiError extends Error {
  readonly kind: 'signed out' | 'unreachable' | 'not found' | 'refused';

  constructor(kind: ApiError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

const timeoutMs = 15_000;

/**
 * Asks our own server, whose answers have the shape that is expected.
 * @throws ApiError
 */
export async function ask<Answer>(path: string): Promise<Answer> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    const response = await fetch(path, { headers: { accept: 'application/json' }, signal: controller.signal });
    if (response.status === 401) throw new ApiError('signed out', 'The session has ended.');
    const body: unknown = await response.json();
    if (response.ok) return body as Answer;
    throw new ApiError(kindOf(response.status), wordsIn(body) ?? `The server answered with ${response.status}.`);
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError('unreachable', 'The server does not answer.');
  } finally {
    clearTimeout(timer);
  }
}

function kindOf(status: number): ApiError['kind'] {
  if (status === 404) return 'not found';
  return status >= 500 || status === 429 ? 'unreachable' : 'refused';
}

function wordsIn(body: unknown): string | undefined {
  const error: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'error') : undefined;
  const message: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : undefined;
  return typeof message === 'string' ? message : undefined;
}
