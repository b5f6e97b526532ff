import type { AdmissionReviewVersion, AdmissionRoute, Envelope } from './review.js';

/** Longest uid that is repeated; Kubernetes' own have 36 characters. */
const maxUidLength = 256;

/**
 * What an answer must repeat, found in the first part of a body that is too large, cut off or broken: `apiVersion` and
 * `request.uid` stand at its head. Undefined where the uid of an AdmissionReview is not there.
 */
export function envelopeInHead(route: AdmissionRoute, head: string): Envelope | undefined {
  if (route === 'imageReview') return imageReviewEnvelope;
  const { apiVersion, uid } = scanHead(head);
  return uid === undefined ? undefined : { route, version: versionOf(apiVersion), uid };
}

/** ImageReviews have no uid. */
export const imageReviewEnvelope: Envelope = {
  route: 'imageReview',
  version: 'imagepolicy.k8s.io/v1alpha1',
  uid: undefined,
};

/** The version to answer in; what is not known is answered as v1. */
export function versionOf(apiVersion: unknown): AdmissionReviewVersion {
  return apiVersion === 'admission.k8s.io/v1beta1' ? apiVersion : 'admission.k8s.io/v1';
}

/** A uid that can be repeated. */
export function isUid(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxUidLength;
}

interface Head {
  readonly apiVersion: string | undefined;
  readonly uid: string | undefined;
}

/** Walks the tokens of a JSON text until it ends or is no JSON, and keeps two texts. */
function scanHead(text: string): Head {
  let apiVersion: string | undefined;
  let uid: string | undefined;
  /** For each open object its key at hand, for each open array `undefined`. */
  const open: (string | undefined)[] = [];
  let expectsKey = false;
  for (let at = 0; at < text.length && uid === undefined; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      const end = endOfString(text, at);
      if (end === undefined) break;
      const value = readString(text.slice(at, end + 1));
      if (value === undefined) break;
      if (expectsKey) open[open.length - 1] = value;
      else if (open.length === 1 && open[0] === 'apiVersion') apiVersion = value;
      else if (open.length === 2 && open[0] === 'request' && open[1] === 'uid' && isUid(value)) uid = value;
      expectsKey = false;
      at = end;
    } else if (code === 123) {
      open.push('');
      expectsKey = true;
    } else if (code === 91) {
      open.push(undefined);
      expectsKey = false;
    } else if (code === 125 || code === 93) {
      if (open.pop() === undefined && code === 125) break;
      expectsKey = false;
    } else if (code === 44) expectsKey = open.at(-1) !== undefined;
    if (open.length > 200) break;
  }
  return { apiVersion, uid };
}

function endOfString(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at++;
    else if (code === 34) return at;
  }
  return undefined;
}

function readString(quoted: string): string | undefined {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined; // broken here, and all after it is a guess
  }
}
