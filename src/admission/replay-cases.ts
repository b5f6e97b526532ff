import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../formats/index.js';
import { objectsOf, type KubernetesObject } from '../manifest/index.js';
import type { SubjectImage } from '../policy/index.js';
import { imageReviewEnvelope } from './envelope.js';
import { readAdmissionReview } from './read-admission-review.js';
import { readImageReview } from './read-image-review.js';
import type { ReadReview, Review } from './review.js';

/** One thing that an API server asked about, or that it would be asked about. */
export type ReplayCase =
  | { readonly kind: 'case'; readonly from: ReplaySource; readonly review: Review }
  /** One clause. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** `object`: of a dump, as if it were made anew. `record`: a line of the audit log of `admission serve`. */
export type ReplaySource = 'AdmissionReview' | 'ImageReview' | 'record' | 'object';

export interface ReplayReading {
  /** Of objects that name none. */
  readonly namespace: string | undefined;
  /** Kind and version of the elements of a list, where they have none of their own. */
  readonly element?: { readonly kind: string; readonly apiVersion: string } | undefined;
}

const maxBytes = 64 * 1024 * 1024;

/**
 * What can be judged anew of a document: reviews as an API server sent them (also inside `body`, as recordings keep them),
 * lines of the audit log, and objects or lists of them. Never throws; what cannot be read is told.
 */
export function readReplayCases(value: JsonValue, reading: ReplayReading): readonly ReplayCase[] {
  const root = asObject(value);
  if (!root) return [unreadable('it is no object')];
  const { apiVersion, kind } = root;
  if (kind === 'ImageReview' || kind === 'AdmissionReview') return [reviewCase(root, kind)];
  if (apiVersion === undefined && kind === undefined) {
    if (root.body !== undefined) return recording(root.body, reading);
    if (root.msg === 'decision' && root.route !== undefined) return [recordCase(root)];
  }
  const whole = withKind(root, reading.element);
  return objectsOf(whole).map((object) => objectCase(object, reading.namespace));
}

function unreadable(reason: string): ReplayCase {
  return { kind: 'unreadable', reason };
}

function caseOf(read: ReadReview, from: ReplaySource): ReplayCase {
  return read.kind === 'review' ? { kind: 'case', from, review: read.review } : unreadable(read.reason);
}

function reviewCase(root: JsonObject, kind: 'ImageReview' | 'AdmissionReview'): ReplayCase {
  const bytes = encode(root);
  return caseOf(kind === 'ImageReview' ? readImageReview(bytes, maxBytes) : readAdmissionReview(bytes, maxBytes), kind);
}

/** A request as it was recorded: its body as text, or as the document that it was. */
function recording(body: JsonValue, reading: ReplayReading): readonly ReplayCase[] {
  if (typeof body !== 'string') {
    return asObject(body)?.body === undefined ? readReplayCases(body, reading) : [unreadable('its body has a body')];
  }
  let value: JsonValue;
  try {
    value = JSON.parse(body) as JsonValue;
  } catch {
    // The engine's words would quote the text.
    return [unreadable('its body is no JSON')];
  }
  return recording(value, reading);
}

function withKind(root: JsonObject, element: ReplayReading['element']): JsonObject {
  if (!element) return root;
  return { ...root, kind: root.kind ?? element.kind, apiVersion: root.apiVersion ?? element.apiVersion };
}

function objectCase(object: KubernetesObject, namespaceOfOthers: string | undefined): ReplayCase {
  const { apiVersion, kind, name } = object;
  if (kind === '' || apiVersion === '') return unreadable('it has no kind and apiVersion');
  if (kind === 'ImageReview' || kind === 'AdmissionReview') return reviewCase(object.value, kind);
  if (apiVersion.startsWith('audit.k8s.io/'))
    return unreadable("events of the API server's own audit log hold no review");
  if (kind.endsWith('List') && asArray(object.value.items)) return unreadable('lists in lists are nested too deep');
  const [version = '', group = ''] = apiVersion.split('/', 2).reverse();
  const namespace = object.namespace ?? namespaceOfOthers;
  const request = {
    uid: 'replay',
    kind: { group, version, kind },
    resource: { group, version, resource: kind.toLowerCase() },
    operation: 'CREATE',
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    object: { ...object.value, kind, apiVersion },
  };
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  return caseOf(readAdmissionReview(encode(review), maxBytes), 'object');
}

/** Longest name of an image that a record holds whole. */
const maxRecordedName = 1000;

/** A line of the audit log holds names and places of images, no labels and no object. */
function recordCase(record: JsonObject): ReplayCase {
  const { route, outcome } = record;
  const isQuestion = route === 'opa' || route === 'gatekeeper';
  if (route !== 'imageReview' && route !== 'admissionReview' && !isQuestion) {
    return unreadable('the record names no route');
  }
  if (outcome === 'error') return unreadable('the record is of a review that could not be judged');
  const list = asArray(record.images);
  if (!list) return unreadable('the record holds no images');
  const images: SubjectImage[] = [];
  for (const entry of list) {
    const image = asObject(entry);
    const text = asString(image?.image);
    if (!image || text === undefined) return unreadable('an image of the record has no name');
    if (text.length >= maxRecordedName) return unreadable('the record holds only a part of an image name');
    images.push({
      text,
      place: { slot: asString(image.slot), name: asString(image.container) },
      unchanged: typeof image.unchanged === 'boolean' ? image.unchanged : undefined,
    });
  }
  if ((asNumber(record.imageCount) ?? images.length) !== images.length) {
    return unreadable('the record holds only some of its images');
  }
  const namespace = asString(record.namespace);
  const object = { name: asString(record.name), kind: asString(record.resource) };
  const notJudged = outcome === 'not-judged' ? (asString(record.because) ?? 'it was not judged') : undefined;
  const review: Review = {
    envelope:
      route !== 'admissionReview'
        ? imageReviewEnvelope
        : { route, version: 'admission.k8s.io/v1', uid: asString(record.uid) },
    operation: asString(record.operation),
    user: asString(record.user),
    namespace,
    object,
    resource: asString(record.resource),
    dryRun: record.dryRun === true,
    pods: notJudged === undefined ? [{ subject: { images, namespace, object }, annotations: {} }] : [],
    notJudged,
  };
  return { kind: 'case', from: 'record', review };
}

const encoder = new TextEncoder();

function encode(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}
