import { asObject, asString, parseJson, type JsonObject } from '../formats/index.js';
import { messageOf, type Context } from '../core/index.js';
import type { HttpClient, HttpResponse } from '../http/index.js';
import { type FaultList, quote, told, type Place } from './fault.js';

export type ReviewProtocol = 'ImageReview' | 'AdmissionReview';

/** A review to send, and what its answer must be. */
export interface LiveQuestion {
  readonly protocol: ReviewProtocol;
  readonly url: URL;
  readonly place: Place;
  readonly image: string;
  readonly namespace: string;
  /** Nothing: any well-formed answer will do. */
  readonly expected: 'allowed' | 'denied' | undefined;
  readonly authorization?: string | undefined;
  readonly timeoutSeconds: number;
}

/** What a webhook said of one image, or an API server in a dry run. */
export interface LiveAnswer {
  readonly protocol: ReviewProtocol | 'dry run';
  readonly url: string;
  readonly image: string;
  readonly expected: 'allowed' | 'denied' | undefined;
  /** Nothing where the API server would have got no verdict. */
  readonly verdict: 'allowed' | 'denied' | undefined;
  readonly reason: string | undefined;
  readonly durationMs: number;
}

const largestAnswer = 3 * 1024 * 1024;
const slowMs = 5_000;

/** Sends one review as the API server does, and judges the answer by the protocol; faults say what it would make of it. */
export async function askLive(
  context: Context,
  client: HttpClient,
  question: LiveQuestion,
  faults: FaultList,
): Promise<LiveAnswer> {
  const { protocol, image, expected, place } = question;
  const uid = `doctor-${context.now().getTime().toString(16)}-${image.length}`;
  const started = performance.now();
  const answer = await exchange(context, client, question, { uid, faults });
  const durationMs = Math.round(performance.now() - started);
  const shown = { protocol, url: shownUrl(question.url), image, expected };
  if (answer === undefined) return { ...shown, verdict: undefined, reason: undefined, durationMs };
  if (durationMs > slowMs) faults.add('live-slow', place, { what: `${quote(image)} took ${durationMs} ms` });
  const judged = protocol === 'ImageReview' ? judgeImageReview(answer) : judgeAdmissionReview(answer, uid);
  if ('invalid' in judged) {
    faults.add('live-answer-invalid', place, { what: `the answer for ${quote(image)}: ${judged.invalid}` });
    return { ...shown, verdict: undefined, reason: undefined, durationMs };
  }
  const { verdict, reason, code } = judged;
  compare({ ...question, verdict, reason }, faults);
  if (verdict === 'denied') {
    if (reason === undefined)
      faults.add('live-no-reason', place, { what: `${quote(image)} is denied without a reason` });
    if (protocol === 'AdmissionReview' && code !== 403) {
      faults.add('live-code', place, { what: `${quote(image)} is denied with status.code ${code ?? 'missing'}` });
    }
  }
  return { ...shown, verdict, reason, durationMs };
}

function compare(
  {
    image,
    expected,
    place,
    verdict,
    reason,
  }: LiveQuestion & { readonly verdict: string; readonly reason: string | undefined },
  faults: FaultList,
): void {
  if (expected === undefined || expected === verdict) return;
  const id = expected === 'allowed' ? 'live-allow-denied' : 'live-deny-allowed';
  const because = reason === undefined ? '' : `: ${quote(reason)}`;
  faults.add(id, place, { what: `${quote(image)} should be ${expected} and is ${verdict}${because}` });
}

async function exchange(
  context: Context,
  client: HttpClient,
  question: LiveQuestion,
  { uid, faults }: { readonly uid: string; readonly faults: FaultList },
): Promise<JsonObject | undefined> {
  const { place, image, timeoutSeconds } = question;
  const url = new URL(question.url);
  url.search = [url.search.slice(1), `timeout=${timeoutSeconds}s`].filter(Boolean).join('&');
  const body = new TextEncoder().encode(`${JSON.stringify(bodyOf(question, uid))}\n`);
  let response: HttpResponse;
  let bytes: Uint8Array;
  try {
    response = await client.request(context, {
      method: 'POST',
      url,
      headers: { accept: 'application/json, */*', 'content-type': 'application/json' },
      authorization: question.authorization,
      body: { sizeBytes: body.length, open: () => body },
      retries: 0,
      maxRedirects: 0,
      idleTimeoutMs: timeoutSeconds * 1000,
    });
    bytes = await response.bytes(largestAnswer);
  } catch (error) {
    faults.add('live-no-answer', place, { what: `no answer for ${quote(image)}: ${messageOf(error)}` });
    return undefined;
  }
  return readAnswer(response, bytes, question, faults);
}

function readAnswer(
  response: HttpResponse,
  bytes: Uint8Array,
  { place, image }: LiveQuestion,
  faults: FaultList,
): JsonObject | undefined {
  const { status } = response;
  if (status >= 300 && status < 400) {
    faults.add('live-redirect', place, {
      what: `the answer for ${quote(image)} is a redirect (${status})`,
      severity: 'error',
    });
    return undefined;
  }
  if (status < 200 || status > 299) {
    if (response.header('retry-after') !== undefined || status === 429) {
      faults.add('live-retry-after', place, {
        what: `the answer for ${quote(image)} is ${status} and asks to try again`,
      });
    }
    faults.add('live-status', place, { what: `the answer for ${quote(image)} has the status ${status}` });
    return undefined;
  }
  try {
    const object = asObject(parseJson(bytes));
    if (object !== undefined) return object;
  } catch {
    // Told below: it is no answer, whatever is wrong with it.
  }
  const what = bytes.length === 0 ? 'it is empty' : 'it is no JSON object';
  faults.add('live-answer-invalid', place, { what: `the answer for ${quote(image)}: ${what}` });
  return undefined;
}

function bodyOf({ protocol, image, namespace }: LiveQuestion, uid: string): object {
  if (protocol === 'ImageReview') {
    return {
      kind: 'ImageReview',
      apiVersion: 'imagepolicy.k8s.io/v1alpha1',
      metadata: {},
      spec: { containers: [{ image }], namespace },
      status: { allowed: false },
    };
  }
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const resource = { group: '', version: 'v1', resource: 'pods' };
  const name = 'tidewaiter-doctor';
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name,
      namespace,
      operation: 'CREATE',
      userInfo: { username: name, groups: ['system:authenticated'] },
      object: {
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: { name, namespace },
        spec: { containers: [{ name: 'doctor', image }] },
      },
      oldObject: null,
      // Nothing is to come of it: webhooks that write decisions down leave it out.
      dryRun: true,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', dryRun: ['All'] },
    },
  };
}

type Judged =
  | { readonly verdict: 'allowed' | 'denied'; readonly reason: string | undefined; readonly code?: number | undefined }
  | { readonly invalid: string };

function judgeImageReview(answer: JsonObject): Judged {
  const wrong = wrongHead(answer, { apiVersion: 'imagepolicy.k8s.io/v1alpha1', kind: 'ImageReview', mayLack: true });
  if (wrong !== undefined) return { invalid: wrong };
  const status = asObject(answer['status']);
  const allowed = status?.['allowed'];
  if (allowed !== undefined && allowed !== null && typeof allowed !== 'boolean') {
    return { invalid: `status.allowed is a ${typeof allowed}, not true or false` };
  }
  return { verdict: allowed === true ? 'allowed' : 'denied', reason: asString(status?.['reason']) || undefined };
}

function judgeAdmissionReview(answer: JsonObject, uid: string): Judged {
  const wrong = wrongHead(answer, { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', mayLack: false });
  if (wrong !== undefined) return { invalid: wrong };
  const response = asObject(answer['response']);
  if (response === undefined) return { invalid: 'response is absent' };
  if (response['uid'] !== uid) return { invalid: `response.uid is ${told(response['uid'])}, not that of the request` };
  const { allowed } = response;
  if (allowed !== undefined && allowed !== null && typeof allowed !== 'boolean') {
    return { invalid: `response.allowed is a ${typeof allowed}, not true or false` };
  }
  for (const field of ['patch', 'patchType']) {
    if (response[field]) return { invalid: `response.${field} is set, which a validating webhook may not do` };
  }
  const status = asObject(response['status']);
  const code = status?.['code'];
  return {
    verdict: allowed === true ? 'allowed' : 'denied',
    reason: asString(status?.['message']) || asString(status?.['reason']) || undefined,
    code: typeof code === 'number' ? code : undefined,
  };
}

function wrongHead(
  answer: JsonObject,
  { apiVersion, kind, mayLack }: { readonly apiVersion: string; readonly kind: string; readonly mayLack: boolean },
): string | undefined {
  for (const [field, wanted] of [
    ['apiVersion', apiVersion],
    ['kind', kind],
  ] as const) {
    const is = answer[field];
    if (is === wanted || (mayLack && (is === undefined || is === ''))) continue;
    return `${field} is ${told(is)} instead of ${wanted}`;
  }
  return undefined;
}

/** Without user, password and query. */
function shownUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}
