import { FormatError } from '../core/index.js';
import { asArray, asObject, asString, parseJson, type JsonObject, type JsonValue } from '../formats/index.js';
import { clipText, plainLine } from '../report/index.js';
import { imageReviewEnvelope } from './envelope.js';
import { readAdmissionReview } from './read-admission-review.js';
import { maxReviewedImages, type Review } from './review.js';
import { textMembers } from './text-members.js';
import { denialMessage, reasonLine } from './verdict-words.js';
import type { AdmissionVerdict } from './verdict.js';

/** Ways in which policy engines ask about images: as they ask OPA, and as Gatekeeper asks for external data. */
export const dataRoutes = ['opa', 'gatekeeper'] as const;
export type DataRoute = (typeof dataRoutes)[number];

/** What a body asks about; or what is wrong with it, in one clause. */
export type DataQuestion<Asked> =
  | { readonly kind: 'asked'; readonly asked: Asked }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * The question in a body of OPA's REST API: `input` names `images` (or one `image`), and perhaps the `namespace` and the
 * `labels` of the pod; or it is an AdmissionReview. No ticket and no pull secret is looked at: anybody could name them.
 */
export function readOpaInput(body: Uint8Array, maxBytes: number): DataQuestion<Review> {
  const root = readRoot(body, maxBytes);
  if (typeof root === 'string') return malformed(root);
  const input = asObject(root.input);
  if (!input) return malformed('input is missing or no object');
  const namesImages = input.images !== undefined || input.image !== undefined;
  if (input.kind === 'AdmissionReview' || (input.request !== undefined && !namesImages))
    return reviewIn(input, maxBytes);
  const images = imagesIn(input);
  if (typeof images === 'string') return malformed(images);
  const labels = input.labels === undefined ? undefined : textMembers(input.labels);
  if (input.labels !== undefined && !labels) return malformed('input.labels holds what is no text');
  const namespace = input.namespace ?? undefined;
  if (namespace !== undefined && typeof namespace !== 'string') return malformed('input.namespace is no text');
  return { kind: 'asked', asked: reviewOf(images, { namespace, labels, field: 'input.images' }) };
}

/** The names that Gatekeeper asks about. */
export function readProviderRequest(body: Uint8Array, maxBytes: number): DataQuestion<readonly string[]> {
  const root = readRoot(body, maxBytes);
  if (typeof root === 'string') return malformed(root);
  if (
    root.kind !== 'ProviderRequest' ||
    asString(root.apiVersion)?.startsWith('externaldata.gatekeeper.sh/') !== true
  ) {
    return malformed('the body is no ProviderRequest of externaldata.gatekeeper.sh');
  }
  const keys = asArray(asObject(root.request)?.keys);
  if (!keys) return malformed('request.keys is no list');
  if (keys.length > maxReviewedImages) return malformed(`request.keys has more than ${maxReviewedImages} entries`);
  const texts = keys.filter((key): key is string => typeof key === 'string');
  return texts.length === keys.length
    ? { kind: 'asked', asked: texts }
    : malformed('request.keys holds what is no text');
}

/** A question about images of which nothing but their names is known, and perhaps whose they are. */
export function reviewOf(
  images: readonly string[],
  around: {
    readonly namespace?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly field: string;
  },
): Review {
  const { namespace, labels, field } = around;
  return {
    envelope: imageReviewEnvelope,
    namespace,
    dryRun: false,
    pods: [
      {
        subject: {
          images: images.map((text, at) => ({ text, place: { field: `${field}[${at}]` } })),
          namespace,
          labels,
        },
        annotations: {},
      },
    ],
  };
}

/** What a document of OPA says: all, or one of its rules. */
export type DataRule = 'allow' | 'deny' | 'warn';

/** Texts of one list; past that it is only said how many there are. */
const maxTexts = 100;

/** The answer in the form of OPA's REST API. */
export function opaResult(verdict: AdmissionVerdict, rule: DataRule | undefined): object {
  const { allowed } = verdict;
  const whole = { allow: allowed, deny: denialTexts(verdict), warn: textsOf(verdict.warnings.map(reasonLine)) };
  return { result: rule === undefined ? whole : whole[rule] };
}

/** One answer to Gatekeeper. */
export interface ProviderItem {
  readonly key: string;
  readonly verdict: AdmissionVerdict;
}

/**
 * The answer to Gatekeeper: each value tells whether the image is allowed, and why not. What could not be judged is not
 * allowed, and no error of its key, which a policy might pass over.
 */
export function providerResponse(items: readonly ProviderItem[]): object {
  return providerDocument({
    idempotent: true,
    items: items.map(({ key, verdict }) => ({
      key,
      value: {
        allowed: verdict.allowed,
        reasons: denialTexts(verdict),
        warnings: textsOf(verdict.warnings.map(reasonLine)),
      },
      error: '',
    })),
    systemError: '',
  });
}

/** The answer where no key was judged. */
export function providerFailure(reason: string): object {
  return providerDocument({ idempotent: true, items: [], systemError: clipText(plainLine(reason), 1000) });
}

function providerDocument(response: object): object {
  return { apiVersion: 'externaldata.gatekeeper.sh/v1beta1', kind: 'ProviderResponse', response };
}

/** Never empty for what is not allowed: whoever looks at the list alone must not let it pass. */
function denialTexts(verdict: AdmissionVerdict): readonly string[] {
  if (verdict.allowed) return [];
  const texts = textsOf(verdict.reasons.map(reasonLine));
  return texts.length > 0 ? texts : [denialMessage(verdict)];
}

function textsOf(lines: readonly string[]): readonly string[] {
  const texts = [...new Set(lines)].map((line) => clipText(line, 1000));
  return texts.length <= maxTexts ? texts : [...texts.slice(0, maxTexts), `and ${texts.length - maxTexts} more`];
}

function malformed<Asked>(reason: string): DataQuestion<Asked> {
  return { kind: 'malformed', reason };
}

function readRoot(body: Uint8Array, maxBytes: number): JsonObject | string {
  try {
    return asObject(parseJson(body, { maxBytes })) ?? 'the body is no object';
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    // The engine's own words would quote the body.
    return error.code === 'INVALID' ? 'the body is no JSON' : 'the body is too large or nested too deep';
  }
}

function imagesIn({ images, image }: JsonObject): readonly string[] | string {
  const list: JsonValue = images ?? (image === undefined ? null : []);
  const entries = asArray(list);
  if (!entries) return images === undefined || images === null ? 'input names no images' : 'input.images is no list';
  const all = image === undefined ? entries : [...entries, image];
  if (all.length > maxReviewedImages) return `input names more than ${maxReviewedImages} images`;
  const texts = all.filter((one): one is string => typeof one === 'string');
  return texts.length === all.length ? texts : 'input.images holds what is no text';
}

const encoder = new TextEncoder();

function reviewIn(input: JsonObject, maxBytes: number): DataQuestion<Review> {
  const read = readAdmissionReview(encoder.encode(JSON.stringify(input)), maxBytes);
  if (read.kind !== 'review') return malformed(`input: ${read.reason}`);
  const pods = read.review.pods.map((pod) => ({ ...pod, annotations: {}, pull: undefined }));
  return { kind: 'asked', asked: { ...read.review, pods } };
}
