import { FormatError } from '../core/index.js';
import { asObject, asString, asStrings, parseJson, type JsonObject, type JsonValue } from '../formats/index.js';
import { envelopeInHead, isUid, versionOf } from './envelope.js';
import { readPods } from './read-pods.js';
import type { Envelope, ReadReview, Review } from './review.js';

const headBytes = 64 * 1024;
const decoder = new TextDecoder('utf-8', { fatal: false });

/**
 * Reads the body of a request of the ValidatingAdmissionWebhook plugin. Images are looked at where a request makes or
 * changes what runs them: creations and updates of pods, of whatever has pods or templates of them, and of the ephemeral
 * containers of a pod. Never throws.
 */
export function readAdmissionReview(body: Uint8Array, maxBytes: number): ReadReview {
  let value: JsonValue;
  try {
    value = parseJson(body, { maxBytes });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const envelope = envelopeInHead('admissionReview', decoder.decode(body.subarray(0, headBytes)));
    const reason = `the body cannot be read: ${error.message}`;
    return envelope ? { kind: 'malformed', envelope, reason } : { kind: 'unanswerable', reason };
  }
  return read(value);
}

function read(value: JsonValue): ReadReview {
  const root = asObject(value);
  const request = asObject(root?.request);
  const uid = request?.uid;
  if (!root || !request || !isUid(uid)) {
    return { kind: 'unanswerable', reason: 'the body is no AdmissionReview with a request.uid' };
  }
  const { apiVersion, kind } = root;
  const envelope: Envelope = { route: 'admissionReview', version: versionOf(apiVersion), uid };
  const isKnown = apiVersion === 'admission.k8s.io/v1' || apiVersion === 'admission.k8s.io/v1beta1';
  if (!isKnown || kind !== 'AdmissionReview') {
    return { kind: 'malformed', envelope, reason: 'the body is no AdmissionReview of admission.k8s.io/v1' };
  }
  const review = readRequest(envelope, request);
  return typeof review === 'string' ? { kind: 'malformed', envelope, reason: review } : { kind: 'review', review };
}

/** The review, or what is wrong with it. */
function readRequest(envelope: Envelope, request: JsonObject): Review | string {
  const { operation } = request;
  if (operation !== 'CREATE' && operation !== 'UPDATE' && operation !== 'DELETE' && operation !== 'CONNECT') {
    return 'request.operation is none of CREATE, UPDATE, DELETE and CONNECT';
  }
  for (const name of ['namespace', 'name', 'subResource'] as const) {
    const text = request[name];
    if (text !== undefined && text !== null && typeof text !== 'string') return `request.${name} is no text`;
  }
  const gvk = asObject(request.kind);
  const resource = asObject(request.resource);
  if (typeof gvk?.kind !== 'string' || gvk.kind === '') return 'request.kind names no kind';
  if (typeof resource?.resource !== 'string') return 'request.resource names no resource';
  const namespace = asString(request.namespace);
  const subresource = asString(request.subResource) ?? '';
  const group = asString(gvk.group) ?? '';
  const apiVersion = `${group === '' ? '' : `${group}/`}${asString(gvk.version) ?? ''}`;
  const userInfo = asObject(request.userInfo);
  const resourceGroup = asString(resource.group) ?? '';
  const base: Omit<Review, 'pods'> = {
    envelope,
    operation,
    user: asString(userInfo?.username),
    groups: asStrings(userInfo?.groups),
    namespace,
    object: { apiVersion, kind: gvk.kind, name: asString(request.name) },
    resource: `${resource.resource}${resourceGroup === '' ? '' : `.${resourceGroup}`}${subresource && `/${subresource}`}`,
    dryRun: request.dryRun === true,
  };
  const notJudged = reasonNotToJudge(operation, subresource);
  if (notJudged !== undefined) return { ...base, pods: [], notJudged };
  const object = objectOf(request.object, gvk.kind);
  if (typeof object === 'string') return object;
  const old = operation === 'UPDATE' ? objectOf(request.oldObject, gvk.kind) : undefined;
  const pods = readPods({
    object,
    // What cannot be read was not the same.
    old: typeof old === 'string' ? undefined : old,
    isUpdate: operation === 'UPDATE',
    namespace,
    name: base.object,
  });
  if (typeof pods === 'string') return pods;
  return { ...base, pods, ...(pods.length === 0 ? { notJudged: 'it runs no image' } : {}) };
}

/** Subresources of Kubernetes through which no image gets into a specification. */
const withoutImages: ReadonlySet<string> = new Set([
  'status',
  'scale',
  'resize',
  'binding',
  'eviction',
  'exec',
  'attach',
  'portforward',
  'proxy',
  'log',
  'token',
  'finalize',
  'approval',
]);

function reasonNotToJudge(operation: string, subresource: string): string | undefined {
  if (operation === 'DELETE' || operation === 'CONNECT') return `${operation} runs no new image`;
  return withoutImages.has(subresource) ? `${subresource} changes no image` : undefined;
}

/** The object, of the kind that the request says it is, or what is wrong with it. */
function objectOf(value: JsonValue | undefined, kind: string): JsonObject | string {
  const object = asObject(value);
  if (!object) return 'request.object is missing or no object';
  if (object.kind !== kind || typeof object.apiVersion !== 'string') {
    return 'request.object is of another kind than the request';
  }
  return object;
}
