import type { PolicySubject, SubjectObject } from '../policy/index.js';
import type { KubernetesObject } from '../manifest/index.js';
import type { PullScope } from './pull-scope.js';

/** The two protocols in which an API server asks. */
export const admissionRoutes = ['imageReview', 'admissionReview'] as const;
export type AdmissionRoute = (typeof admissionRoutes)[number];

/** The versions of AdmissionReview that are understood; an answer is in that of its question. */
export type AdmissionReviewVersion = 'admission.k8s.io/v1' | 'admission.k8s.io/v1beta1';

/** What an answer has to repeat. */
export interface Envelope {
  readonly route: AdmissionRoute;
  readonly version: AdmissionReviewVersion | 'imagepolicy.k8s.io/v1alpha1';
  /** Of an AdmissionReview. */
  readonly uid: string | undefined;
}

/** What a review is about, whichever protocol carried it. What the protocol does not carry is absent. */
export interface Review {
  readonly envelope: Envelope;
  readonly operation?: string | undefined;
  readonly user?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly namespace?: string | undefined;
  readonly object?: SubjectObject | undefined;
  /** `pods`, `deployments.apps`; with a slash and the subresource, if there is one. */
  readonly resource?: string | undefined;
  readonly dryRun: boolean;
  /** One for each pod or template of pods; none where the request runs no image. */
  readonly pods: readonly ReviewedPod[];
  /** Why no image is looked at, in one clause; absent where some are, or where none is named. */
  readonly notJudged?: string | undefined;
}

/** A pod, or what pods are made from. */
export interface ReviewedPod {
  /** Images, namespace, labels and object: what rules over names need. */
  readonly subject: PolicySubject;
  /** Of the pod; of an ImageReview those that were forwarded. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The whole object, for rules over manifests; absent where the protocol carries none. */
  readonly manifest?: KubernetesObject | undefined;
  /** Where its pull secrets stand; absent where that cannot be told. */
  readonly pull?: PullScope | undefined;
  /** The object that is updated has the same pod. */
  readonly unchanged?: boolean | undefined;
}

/** A body as far as it could be read. */
export type ReadReview =
  | { readonly kind: 'review'; readonly review: Review }
  /** It can be answered, and holds what it should not: one clause. */
  | { readonly kind: 'malformed'; readonly envelope: Envelope; readonly reason: string }
  /** Not even its uid is there, so that no answer would be taken. */
  | { readonly kind: 'unanswerable'; readonly reason: string };

/** Images that one review may name; pods have a handful. */
export const maxReviewedImages = 1000;
