import { createHash } from 'node:crypto';
import type { Context } from '../core/index.js';
import { HttpError, type HttpResponse } from '../http/index.js';
import type { Descriptor } from '../oci/index.js';
import type { Digest } from '../reference/index.js';
import { describeEndpoint, type Endpoint, repositoryAt } from './endpoint.js';
import { RegistryError } from './errors.js';
import { answerError, connectionError } from './failures.js';
import { algorithmOf } from './manifests.js';
import { waitAfter } from './pause.js';
import type { Session } from './session.js';

/** What is downloaded, and from where. */
export interface Download {
  /** At least one, in order; the last is the registry itself. */
  readonly endpoints: readonly Endpoint[];
  readonly repository: string;
  readonly blob: Pick<Descriptor, 'digest' | 'sizeBytes'>;
  readonly start: number;
  /** Whether the digest is checked, if there are all bytes to do it with. */
  readonly isChecked: boolean;
  readonly pause: (ms: number) => Promise<void>;
  /** Told of an endpoint that failed and is given up for the next. */
  readonly onGivenUp: (endpoint: Endpoint, error: RegistryError) => void;
}

/** Attempts in a row that bring nothing. */
const fruitlessAttempts = 4;
const freeResumes = 50;
/** Long downloads may break more often. */
const bytesPerResume = 8 * 1024 * 1024;
const brokenBody: ReadonlySet<string> = new Set(['BODY_TRUNCATED', 'CONNECTION_FAILED', 'TIMED_OUT']);
/** Answers after which another attempt may go better, once some bytes have come. */
const passing: ReadonlySet<string> = new Set([
  'REGISTRY_UNREACHABLE',
  'REGISTRY_UNAVAILABLE',
  'DENIED',
  'INVALID_ANSWER',
]);

/** The bytes of a blob, taken up again where they broke off, at the next endpoint if need be; checked at their end. */
export async function* downloadBlob(
  context: Context,
  session: Session,
  download: Download,
): AsyncGenerator<Uint8Array> {
  const { blob, endpoints } = download;
  const state: Progress = { position: download.start, ranges: true, fruitless: 0, resumes: 0 };
  const isWhole = download.start === 0;
  const hash = isWhole && download.isChecked ? createHash(algorithmOf(blob.digest)) : undefined;
  checkStart(download);
  if (download.start > 0 && download.start === blob.sizeBytes) return;
  let last: Endpoint | undefined;
  for (const endpoint of endpoints) {
    last = endpoint;
    try {
      for await (const piece of readFrom(context, session, download, endpoint, state)) {
        hash?.update(piece);
        yield piece;
      }
      break;
    } catch (error) {
      if (!(error instanceof RegistryError) || !endpoint.isMirror || error.code === 'OFFLINE') throw error;
      download.onGivenUp(endpoint, error);
      Object.assign(state, { ranges: true, fruitless: 0, resumes: 0 });
    }
  }
  if (hash === undefined || last === undefined) return;
  if (hash.digest('hex') === blob.digest.slice(blob.digest.indexOf(':') + 1)) return;
  const message = `what ${describeEndpoint(last)} gave for the blob ${blob.digest} has another digest`;
  const error = new RegistryError('DIGEST_MISMATCH', message, {
    hint: 'the bytes were changed on the way or in the registry',
  });
  if (last.isMirror) download.onGivenUp(last, error);
  throw error;
}

interface Progress {
  /** The next byte that is wanted. */
  position: number;
  /** Whether the endpoint honours `Range`, as far as we know. */
  ranges: boolean;
  /** Failures since the last byte. */
  fruitless: number;
  resumes: number;
}

/** From one endpoint, as often as it takes. */
async function* readFrom(
  context: Context,
  session: Session,
  download: Download,
  endpoint: Endpoint,
  state: Progress,
): AsyncGenerator<Uint8Array> {
  const { sizeBytes } = download.blob;
  for (;;) {
    const before = state.position;
    let endedEarly = false;
    try {
      const { response, skip } = await open(context, session, download, endpoint, state);
      for await (const piece of wanted(response, skip)) {
        if (state.position + piece.length > sizeBytes) throw wrongSize(endpoint, download.blob, 'more');
        state.position += piece.length;
        yield piece;
      }
      endedEarly = state.position < sizeBytes;
      if (endedEarly) throw wrongSize(endpoint, download.blob, 'fewer');
      return;
    } catch (error) {
      // All is there; that the connection did not end well does not matter.
      if (error instanceof HttpError && state.position === sizeBytes) return;
      const failure = error instanceof HttpError ? connectionError(endpoint, error) : error;
      const broke = endedEarly || (error instanceof HttpError && brokenBody.has(error.code));
      if (!mayResume(failure, broke, download, state, before)) throw failure;
      context.log('debug', `${(failure as Error).message}; going on at byte ${state.position}`);
    }
    await download.pause(waitAfter(state.fruitless));
  }
}

function mayResume(
  failure: unknown,
  broke: boolean,
  { blob, start }: Download,
  state: Progress,
  before: number,
): boolean {
  if (!(failure instanceof RegistryError)) return false;
  // What is refused before the first byte came is refused; the connection has tried long enough.
  if (!broke && !(passing.has(failure.code) && state.position > start)) return false;
  state.fruitless = state.position > before ? 1 : state.fruitless + 1;
  state.resumes++;
  const most = freeResumes + Math.floor(blob.sizeBytes / bytesPerResume);
  return state.fruitless < fruitlessAttempts && state.resumes <= most;
}

/** The answer with the bytes from `state.position` on, and how many of its first bytes to leave out. */
async function open(
  context: Context,
  session: Session,
  download: Download,
  endpoint: Endpoint,
  state: Progress,
): Promise<{ readonly response: HttpResponse; readonly skip: number }> {
  const { repository, blob } = download;
  const { position } = state;
  const ranged = position > 0 && state.ranges;
  const response = await session.request(
    context,
    { endpoint, repository, action: 'pull' },
    {
      method: 'GET',
      // The registry itself, also where it had redirected us: signed addresses do not live long.
      path: `${repositoryAt(endpoint, repository)}/blobs/${blob.digest}`,
      headers: { accept: '*/*', ...(ranged ? { range: `bytes=${position}-` } : {}) },
    },
  );
  if (response.status === 200) {
    const length = response.header('content-length');
    if (length !== undefined && length !== String(blob.sizeBytes)) {
      await response.discard();
      throw wrongSize(endpoint, blob, Number(length) > blob.sizeBytes ? 'more' : 'fewer');
    }
    return { response, skip: position };
  }
  if (response.status === 206 && startsAt(response.header('content-range'), position, blob.sizeBytes)) {
    return { response, skip: 0 };
  }
  if (ranged && (response.status === 206 || response.status === 416)) {
    await response.discard();
    state.ranges = false;
    return await open(context, session, download, endpoint, state);
  }
  const asked = { endpoint, what: `blob ${blob.digest} in ${repository}`, unknown: 'BLOB_UNKNOWN' } as const;
  throw answerError(asked, await session.words(response), response.header('retry-after'));
}

async function* wanted(response: HttpResponse, skip: number): AsyncGenerator<Uint8Array> {
  let left = skip;
  for await (const piece of response.body) {
    if (left >= piece.length) {
      left -= piece.length;
      continue;
    }
    yield left === 0 ? piece : piece.subarray(left);
    left = 0;
  }
}

/** Does `Content-Range` say what was asked for: from there to the blob's end? */
function startsAt(header: string | undefined, position: number, sizeBytes: number): boolean {
  const [, first, last, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || Number(first) !== position || Number(last) >= sizeBytes) return false;
  return total === '*' || Number(total) === sizeBytes;
}

function wrongSize(
  endpoint: Endpoint,
  { digest, sizeBytes }: { readonly digest: Digest; readonly sizeBytes: number },
  amount: 'more' | 'fewer',
): RegistryError {
  const message = `${describeEndpoint(endpoint)} gave ${amount} than the ${sizeBytes} bytes that the blob ${digest} has`;
  return new RegistryError('SIZE_MISMATCH', message);
}

function checkStart({ start, blob }: Download): void {
  if (Number.isSafeInteger(start) && start >= 0 && start <= blob.sizeBytes) return;
  throw new RegistryError('SIZE_MISMATCH', `the blob ${blob.digest} has no byte ${start}`);
}
