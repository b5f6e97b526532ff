import { asArray, asObject, asString, type JsonObject, type JsonValue, type YamlPath } from '../formats/index.js';
import { imagesOf, podSpecsOf, type KubernetesObject, type ManifestImage, type PodSpec } from '../manifest/index.js';
import type { SubjectImage, SubjectObject } from '../policy/index.js';
import { pullScopeOf, unknownPullScope } from './pull-scope.js';
import { maxReviewedImages, type ReviewedPod } from './review.js';
import { textMembers } from './text-members.js';

export interface PodsInput {
  readonly object: JsonObject;
  /** What it was before an update; absent where that is not known. */
  readonly old: JsonObject | undefined;
  readonly isUpdate: boolean;
  readonly namespace: string | undefined;
  readonly name: SubjectObject | undefined;
}

/**
 * Every pod and template of pods in an object, with its images and what of them an update left as it was; or what is wrong
 * with them, in one clause. A place that names no image at all, where the API allows that, is passed over.
 */
export function readPods({ object, old, isUpdate, namespace, name }: PodsInput): readonly ReviewedPod[] | string {
  const now = kubernetesObject(object);
  const specs = podSpecsOf(now);
  if (specs.length === 0)
    return isOwnWorkload(now) ? `${now.kind} without a pod: its spec is missing or no object` : [];
  if (specs.length > maxPods) return `the object has more than ${maxPods} templates of pods`;
  // Counted before a single name is read: tens of thousands would keep everybody else waiting.
  if (countIn(specs) > maxReviewedImages) return `the object names more than ${maxReviewedImages} images`;
  const before = old && kubernetesObject(old);
  const specsBefore = before ? podSpecsOf(before).slice(0, maxPods) : [];
  // Of more than would be let in nothing is taken for known.
  const isKnown = before !== undefined && countIn(specsBefore) <= maxReviewedImages;
  const known = new Set(
    isKnown ? imagesByPod(before, specsBefore).flatMap(({ spec, images }) => keysOf(spec, images)) : [],
  );
  const found = imagesByPod(now, specs);
  const pods: ReviewedPod[] = [];
  for (const { spec, images: named } of found) {
    const labels = textMembers(spec.metadata?.labels);
    const annotations = textMembers(spec.metadata?.annotations);
    if (!labels || !annotations) return `${pathText(spec.metadataPath)} has labels or annotations that are no texts`;
    if (!spec.byShape && object.kind !== oldForm && !named.some(({ slot }) => slot === 'container')) {
      return `${pathText(spec.path)}.containers names no container`;
    }
    const images: SubjectImage[] = [];
    for (const image of named) {
      const read = subjectImage(image, now);
      if (typeof read === 'string') return read;
      if (!read) continue;
      const key = keyOf(spec, image);
      images.push(isUpdate ? { ...read, unchanged: key !== undefined && known.has(key) } : read);
    }
    const path = pathText(spec.path);
    const specBefore = specsBefore.find((one) => pathText(one.path) === path);
    const isSame = isUpdate ? isSamePod(spec, specBefore) : undefined;
    const unchanged = isSame && stableText(labels) === stableText(textMembers(specBefore?.metadata?.labels) ?? {});
    pods.push({
      subject: { images, namespace, labels, object: name, podSpec: spec.value, unchanged },
      annotations,
      manifest: now,
      // The old form has no pod around it.
      pull: object.kind === oldForm ? unknownPullScope(namespace) : pullScopeOf(spec.value, namespace, isPod(now)),
      unchanged: isSame,
    });
  }
  return pods;
}

/** Templates of pods in one object of a kind that is not Kubernetes' own. */
const maxPods = 100;
const oldForm = 'EphemeralContainers';

function isOwnWorkload({ apiVersion, kind }: KubernetesObject): boolean {
  return ownWorkloads.has(kind) && ['v1', 'apps', 'batch', 'extensions'].includes(apiVersion.split('/', 1)[0] ?? '');
}

function isPod({ apiVersion, kind }: KubernetesObject): boolean {
  return apiVersion === 'v1' && kind === 'Pod';
}

const ownWorkloads: ReadonlySet<string> = new Set([
  'Pod',
  'PodTemplate',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
]);

const imageLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** Containers, and volumes of images. */
function countIn(specs: readonly PodSpec[]): number {
  return specs.reduce((sum, { value }) => {
    const containers = imageLists.reduce((count, field) => count + (asArray(value[field])?.length ?? 0), 0);
    const volumes =
      asArray(value['volumes'])?.filter((volume) => asObject(volume)?.['image'] !== undefined).length ?? 0;
    return sum + containers + volumes;
  }, 0);
}

interface PodImages {
  readonly spec: PodSpec;
  readonly images: readonly ManifestImage[];
}

function imagesByPod(object: KubernetesObject, specs: readonly PodSpec[]): readonly PodImages[] {
  const all = imagesOf(object);
  return specs.map((spec) => {
    const inner = specs.filter(({ path }) => path.length > spec.path.length && startsWith(path, spec.path));
    const isOwn = ({ path }: ManifestImage): boolean =>
      startsWith(path, spec.path) && !inner.some((one) => startsWith(path, one.path));
    return { spec, images: all.filter(isOwn) };
  });
}

/** The object for those who read manifests. Ephemeral containers once came as a kind of their own. */
function kubernetesObject(value: JsonObject): KubernetesObject {
  const isOldForm = value.kind === oldForm;
  const whole: JsonObject = isOldForm
    ? { ...value, kind: 'Pod', spec: { ephemeralContainers: value.ephemeralContainers ?? [] } }
    : value;
  const metadata = asObject(whole.metadata);
  return {
    apiVersion: asString(whole.apiVersion) ?? '',
    kind: asString(whole.kind) ?? '',
    name: asString(metadata?.name) ?? asString(metadata?.generateName),
    namespace: asString(metadata?.namespace),
    path: [],
    value: whole,
  };
}

/** The image for the policy; what is wrong with it; or nothing, where none has to be named. */
function subjectImage(image: ManifestImage, object: KubernetesObject): SubjectImage | string | undefined {
  const { text, slot, path, problem = 'no image is named' } = image;
  const field = pathText(path);
  if (text === undefined) {
    const value = valueAt(object.value, path);
    if (value !== undefined && value !== null) return `${field}: ${problem}`;
    if (slot === 'imageVolume') {
      // Who makes a pod from the template must name it then, and that is judged.
      return asObject(valueAt(object.value, path.slice(0, -1))) ? undefined : `${field}: ${problem}`;
    }
  }
  return { text: text ?? '', place: { slot, name: image.name, field } };
}

function keysOf(spec: PodSpec, images: readonly ManifestImage[]): readonly string[] {
  return images.flatMap((image) => keyOf(spec, image) ?? []);
}

/** The same image in the same place has the same key; in a list, the place is the name. */
function keyOf({ path }: PodSpec, { text, slot, name }: ManifestImage): string | undefined {
  return text === undefined || name === undefined ? undefined : JSON.stringify([path, slot, name, text]);
}

/** Nothing in it that runs has changed, nor what annotations say of its confinement. */
function isSamePod(now: PodSpec, before: PodSpec | undefined): boolean {
  if (!before) return false;
  return (
    stableText(now.value) === stableText(before.value) &&
    stableText(confinementOf(now)) === stableText(confinementOf(before))
  );
}

const confinementKeys = ['container.apparmor.security.beta.', 'container.seccomp.security.alpha.', 'seccomp.security.'];

function confinementOf({ metadata }: PodSpec): JsonObject {
  const entries = Object.entries(asObject(metadata?.annotations) ?? {});
  return Object.fromEntries(entries.filter(([key]) => confinementKeys.some((prefix) => key.startsWith(prefix))));
}

/** Equal for equal values, in whatever order their keys stand. */
function stableText(value: JsonValue): string {
  return JSON.stringify(value, (_, member: JsonValue) => {
    const object = asObject(member);
    if (!object) return member;
    return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function valueAt(root: JsonValue, path: YamlPath): JsonValue | undefined {
  let here: JsonValue | undefined = root;
  for (const step of path) here = typeof step === 'number' ? asArray(here)?.[step] : asObject(here)?.[step];
  return here;
}

function startsWith(path: YamlPath, start: YamlPath): boolean {
  return start.every((step, at) => path[at] === step);
}

/** `spec.containers[0].image` */
function pathText(path: YamlPath): string {
  return path.map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at === 0 ? '' : '.'}${step}`)).join('');
}
