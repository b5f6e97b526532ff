import { isTidewaiterError, messageOf } from '../core/index.js';
import type { ScanFacts, ScanKnowledge } from '../policy/index.js';
import {
  formatReference,
  InvalidReferenceError,
  parseReference,
  type Digest,
  type Reference,
} from '../reference/index.js';
import { clipText } from '../report/index.js';
import { factsBytes } from './facts-bytes.js';
import { Flights, type Ended } from './flights.js';
import { noCredentials, type ImageCredentials } from './image-credentials.js';
import type { PullScope } from './pull-scope.js';

/** Who knows what scans found. */
export interface ScanSource {
  /**
   * What is known of an image, at the latest when the time is over; what is not known by then goes on being looked for.
   * Never rejects.
   * @param deadline on the clock of `performance.now()`
   */
  findScan(image: string, deadline: number, asked?: ScanAsked): Promise<ScanKnowledge>;
}

/** What else matters of who asks. */
export interface ScanAsked {
  /** Nothing may be written down because of it. */
  readonly dryRun?: boolean | undefined;
  /** Where the pull secrets of the pod stand; absent: it is scanned without. */
  readonly pull?: PullScope | undefined;
}

export interface ScanDeskOptions {
  /** The digest behind a tag. */
  readonly resolve: (reference: Reference, credentials: ImageCredentials) => Promise<Digest>;
  /** Scans the image with this digest. */
  readonly scan: (
    reference: Reference & { readonly digest: Digest },
    credentials: ImageCredentials,
  ) => Promise<ScanFacts>;
  /**
   * The same from what earlier scans have kept, without asking anybody, or nothing: done beside the scans, so that what is
   * known waits for none.
   */
  readonly recall?:
    | ((reference: Reference & { readonly digest: Digest }) => Promise<ScanFacts | undefined>)
    | undefined;
  /** What the pull secrets of a pod have for an image; absent: nothing. @throws Error why nothing may be pulled */
  readonly credentials?: ((reference: Reference, scope: PullScope) => Promise<ImageCredentials>) | undefined;
  /** Which database answers now: what others found is found anew. */
  readonly edition: () => string;
  /** Milliseconds, never backwards. */
  readonly clock: () => number;
  /** Scans at a time, and how many more may wait. */
  readonly scansAtOnce: number;
  readonly scansWaiting: number;
  /** About how many bytes of facts are kept in memory; default: 32 MiB. */
  readonly keepBytes?: number | undefined;
  readonly onScan?: ((result: 'scanned' | 'failed' | 'refused') => void) | undefined;
}

/** How long it is believed that a tag means a digest, what a scan found, and that something failed. */
const tagMs = 30_000;
const factsMs = 12 * 3_600_000;
const failureMs = 15_000;
const kept = 5000;
const keptBytes = 32 * 1024 * 1024;
const recallsAtOnce = 4;
const recallsWaiting = 1000;
/** How long it is believed that nothing is kept. */
const nothingMs = 1000;
const resolutionsAtOnce = 16;
const resolutionsWaiting = 1000;

/**
 * Finds what scans found by digest; an image that nobody has scanned is scanned once, however many ask, and so is a tag
 * looked up. What waits is bounded: past that nothing is begun, and the answer says so. What was found by a digest is
 * everybody's; a tag, a failure and what is under way are shared by those alone who show the same credentials to the same
 * repository.
 */
export class ScanDesk implements ScanSource {
  readonly #options: ScanDeskOptions;
  readonly #tags: Flights<Digest>;
  readonly #facts: Flights<ScanFacts>;
  readonly #recalls: Flights<ScanFacts | undefined>;

  constructor(options: ScanDeskOptions) {
    this.#options = options;
    const { clock, onScan } = options;
    this.#tags = new Flights({
      clock,
      keep: kept,
      keepMs: tagMs,
      failureMs,
      atOnce: resolutionsAtOnce,
      waiting: resolutionsWaiting,
    });
    this.#facts = new Flights({
      clock,
      keep: kept,
      keepMs: factsMs,
      failureMs,
      atOnce: options.scansAtOnce,
      waiting: options.scansWaiting,
      weigh: factsBytes,
      keepWeight: options.keepBytes ?? keptBytes,
      onEnd: onScan && ((ended) => onScan(ended === 'done' ? 'scanned' : ended)),
    });
    this.#recalls = new Flights({
      clock,
      keep: kept,
      keepMs: nothingMs,
      weigh: (facts) => (facts ? factsBytes(facts) : 0),
      keepWeight: 0,
      failureMs: nothingMs,
      atOnce: recallsAtOnce,
      waiting: recallsWaiting,
    });
  }

  /** By the digest, from memory or from what is kept. */
  async #known(reference: Reference & { readonly digest: Digest }, deadline: number): Promise<ScanFacts | undefined> {
    const { recall, edition, clock } = this.#options;
    const key = `${reference.digest} ${edition()}`;
    const known = this.#facts.peek(key);
    if (known || !recall) return known;
    const found = await within(
      this.#recalls.ask(key, async () => {
        const facts = await recall(reference);
        if (facts) this.#facts.keep(key, facts);
        return facts;
      }),
      deadline - clock(),
    );
    return found.state === 'done' ? found.value : undefined;
  }

  /** Scans that run or wait. */
  get busy(): { readonly running: number; readonly waiting: number } {
    return this.#facts.busy;
  }

  /** Whatever failed may be tried at once: those who are asked may think otherwise now. */
  forgetFailures(): void {
    this.#tags.forgetFailures();
    this.#facts.forgetFailures();
  }

  async findScan(image: string, deadline: number, asked: ScanAsked = {}): Promise<ScanKnowledge> {
    try {
      const reference = parseReference(image);
      return await this.#find(reference, deadline, asked);
    } catch (error) {
      const reason = error instanceof InvalidReferenceError ? 'it is no image name' : messageOf(error);
      return { state: 'missing', code: 'SCAN_FAILED', reason };
    }
  }

  async #find(reference: Reference, deadline: number, { pull }: ScanAsked): Promise<ScanKnowledge> {
    const { resolve, scan, edition, clock } = this.#options;
    let { digest } = reference;
    // For what is known by its digest nothing has to be shown to a registry.
    const known = digest && (await this.#known({ ...reference, digest }, deadline));
    if (digest && known) return { state: 'scanned', facts: { ...known, digest } };
    const asking = pull && this.#credentials(reference, pull);
    const given = asking ? await within(asking, deadline - clock()) : noneGiven;
    if (given.state === 'late') return { state: 'pending', reason: 'its pull secrets are being looked up' };
    if (given.state !== 'done') return missing(given, 'it cannot be pulled');
    const credentials = given.value;
    const { problems } = credentials;
    if (digest === undefined) {
      // A tag may be kept from some, and so may what it means.
      const key = `${formatReference(reference)} ${credentials.key}`;
      const found = await within(
        this.#tags.ask(key, () => resolve(reference, credentials)),
        deadline - clock(),
      );
      if (found.state === 'late') return { state: 'pending', reason: 'its tag is being looked up' };
      if (found.state !== 'done') return missing(found, 'its tag cannot be looked up', problems);
      digest = found.value;
    }
    const pinned = { ...reference, digest };
    const recalled = reference.digest === undefined ? await this.#known(pinned, deadline) : undefined;
    if (recalled) return { state: 'scanned', facts: { ...recalled, digest } };
    const owner = `${reference.registry}/${reference.repository} ${credentials.key}`;
    const found = await within(
      this.#facts.ask(`${digest} ${edition()}`, () => scan(pinned, credentials), owner),
      deadline - clock(),
    );
    if (found.state === 'late') return { state: 'pending' };
    if (found.state !== 'done') return missing(found, 'the scan failed', problems);
    return { state: 'scanned', facts: { ...found.value, digest } };
  }

  /** Never rejects; nothing where no pull secret is looked up. */
  #credentials(reference: Reference, scope: PullScope): Promise<Ended<ImageCredentials>> | undefined {
    return this.#options.credentials?.(reference, scope).then(
      (value) => ({ state: 'done', value }),
      (error: unknown) => ({ state: 'failed', error }),
    );
  }
}

const noneGiven = { state: 'done', value: noCredentials } as const;

function missing(
  ended: { readonly state: 'failed'; readonly error: unknown } | { readonly state: 'refused' },
  what: string,
  problems: readonly string[] = [],
): ScanKnowledge {
  if (ended.state === 'refused') return { state: 'missing', code: 'NOT_SCANNED', reason: 'too many scans are waiting' };
  const { error } = ended;
  const told = isAboutRights(error) ? problems.slice(0, maxProblems) : [];
  if (told.length === 0) return { state: 'missing', code: 'SCAN_FAILED', reason: `${what}: ${messageOf(error)}` };
  // So that none of them is cut off with the end of a long sentence.
  const clauses = [`${what}: ${clipText(messageOf(error), 200)}`, ...told.map((problem) => clipText(problem, 160))];
  if (problems.length > told.length) clauses.push(`and ${problems.length - told.length} more`);
  return { state: 'missing', code: 'SCAN_FAILED', reason: clauses.join('; ') };
}

const maxProblems = 3;

/** Other credentials could have helped: registries also hide what they have, and count who is nobody. */
function isAboutRights(error: unknown): boolean {
  return !isTidewaiterError(error) || rightsCodes.has(error.code);
}

const rightsCodes: ReadonlySet<string> = new Set([
  'UNAUTHORIZED',
  'DENIED',
  'NAME_UNKNOWN',
  'MANIFEST_UNKNOWN',
  'BLOB_UNKNOWN',
  'RATE_LIMITED',
]);

/** The longest that a timer can wait. */
const maxTimerMs = 2 ** 31 - 1;

/** The end of a flight, or that it has not ended in time. */
async function within<Result>(flight: Promise<Result>, ms: number): Promise<Result | { readonly state: 'late' }> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<{ readonly state: 'late' }>((resolve) => {
    timer = setTimeout(() => resolve({ state: 'late' }), Math.min(Math.max(0, ms), maxTimerMs));
  });
  try {
    return await Promise.race([flight, late]);
  } finally {
    clearTimeout(timer);
  }
}
