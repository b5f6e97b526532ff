import { FormatError } from '../core/index.js';
import { asArray, asObject, parseJson, type JsonObject, type JsonValue } from '../formats/index.js';
import type { SubjectImage } from '../policy/index.js';
import { imageReviewEnvelope } from './envelope.js';
import { unknownPullScope } from './pull-scope.js';
import { maxReviewedImages, type ReadReview } from './review.js';
import { textMembers } from './text-members.js';

/**
 * Reads the body of a request of the ImagePolicyWebhook plugin. Images keep their order; what is unknown is passed over,
 * and what is of another type than the API's makes the review malformed. Never throws.
 */
export function readImageReview(body: Uint8Array, maxBytes: number): ReadReview {
  try {
    return read(parseJson(body, { maxBytes }));
  } catch (error) {
    if (error instanceof FormatError) return malformed(`the body cannot be read: ${error.message}`);
    throw error;
  }
}

function read(value: JsonValue): ReadReview {
  const root = asObject(value);
  if (!root) return malformed('the body is no ImageReview');
  const { apiVersion, kind } = root;
  if (apiVersion !== 'imagepolicy.k8s.io/v1alpha1' || kind !== 'ImageReview') {
    return malformed('the body is no ImageReview of imagepolicy.k8s.io/v1alpha1');
  }
  const spec = asObject(root.spec);
  if (!spec) return malformed('spec is missing or no object');
  const namespace = spec.namespace ?? undefined;
  if (namespace !== undefined && typeof namespace !== 'string') return malformed('spec.namespace is no text');
  const annotations = textMembers(spec.annotations);
  if (!annotations) return malformed('spec.annotations holds what is no text');
  const images = imagesIn(spec);
  if (typeof images === 'string') return malformed(images);
  return {
    kind: 'review',
    review: {
      envelope: imageReviewEnvelope,
      namespace,
      dryRun: false,
      pods: [{ subject: { images, namespace }, annotations, pull: unknownPullScope(namespace) }],
    },
  };
}

/** The images, or what is wrong with them. */
function imagesIn(spec: JsonObject): readonly SubjectImage[] | string {
  const { containers } = spec;
  if (containers === undefined || containers === null) return [];
  const list = asArray(containers);
  if (!list) return 'spec.containers is no list';
  if (list.length > maxReviewedImages) return `spec.containers names more than ${maxReviewedImages} images`;
  const images: SubjectImage[] = [];
  for (const [at, item] of list.entries()) {
    const field = `spec.containers[${at}]`;
    const container = asObject(item);
    if (!container) return `${field} is no object`;
    const text = container.image ?? '';
    if (typeof text !== 'string') return `${field}.image is no text`;
    images.push({ text, place: { slot: 'container', field: `${field}.image` } });
  }
  return images;
}

function malformed(reason: string): ReadReview {
  return { kind: 'malformed', envelope: imageReviewEnvelope, reason };
}
