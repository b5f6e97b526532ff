import { asArray, asObject, asString, type JsonValue, type YamlDocument, type YamlPath } from '../formats/index.js';
import {
  imagesOf,
  kubesecRules,
  podSpecsOf,
  scoreObject,
  type KubernetesObject,
  type ManifestFinding,
  type ManifestImage,
  type PodSecurityReport,
  type PodSpec,
} from '../manifest/index.js';
import { pathText } from './path-text.js';
import type { ManifestFact, PolicySubject, ScanKnowledge, SubjectImage, WorkloadKnowledge } from '../policy/index.js';

/** What is known of an object besides itself. */
export interface ObjectKnowledge {
  /** What the analysis found in it; absent: there was none. */
  readonly analysis?:
    | {
        readonly findings: readonly ManifestFinding[];
        /** Of its pods; none: it has no pod. */
        readonly podSecurity: readonly PodSecurityReport[];
        readonly unknowns: readonly string[];
      }
    | undefined;
  /** What is known of the content of an image, by its name as written. */
  readonly scanOf?: ((text: string) => ScanKnowledge | undefined) | undefined;
  /** The object before the update; absent: not known, or no update. */
  readonly before?: KubernetesObject | undefined;
  /** Of the request; where it is absent, the object's own counts. */
  readonly namespace?: string | undefined;
  /** For lines of places. */
  readonly document?: YamlDocument | undefined;
  readonly file?: string | undefined;
}

/** An object of Kubernetes as a policy is asked about it: every image in every place, its pod's labels, its analysis. */
export function subjectOfObject(object: KubernetesObject, known: ObjectKnowledge): PolicySubject {
  const [pod, second] = podSpecsOf(object);
  // Several pods with labels of their own have none as a whole.
  const labels = pod && !second ? labelsOf(pod) : undefined;
  const all = imagesOf(object);
  const unread = (pod && !second ? unreadLabels(pod) : undefined) ?? unreadVolume(all, object);
  // Which of several is judged is not said here.
  const podSpec = pod ? (second ? undefined : pod.value) : ('none' as const);
  return { ...around(object, known), images: subjectImages(all, object, known), labels, podSpec, unread };
}

/**
 * The same for each of its pods, which some custom resources have several of, as they are asked about when they are made;
 * an object without a pod is one subject.
 */
export function subjectsOfObject(object: KubernetesObject, known: ObjectKnowledge): readonly PolicySubject[] {
  const pods = podSpecsOf(object);
  if (pods.length < 2) return [subjectOfObject(object, known)];
  const all = imagesOf(object);
  return pods.map((pod) => {
    const inner = pods.filter(({ path }) => path.length > pod.path.length && isWithin(path, pod.path));
    const own = all.filter(({ path }) => isWithin(path, pod.path) && !inner.some((one) => isWithin(path, one.path)));
    const images = subjectImages(own, object, known);
    return {
      ...around(object, known),
      images,
      labels: labelsOf(pod),
      podSpec: pod.value,
      unread: unreadLabels(pod) ?? unreadVolume(own, object),
    };
  });
}

function isWithin(path: YamlPath, start: YamlPath): boolean {
  return start.every((step, at) => path[at] === step);
}

function around(object: KubernetesObject, known: ObjectKnowledge): Omit<PolicySubject, 'images'> {
  const { apiVersion, kind, name } = object;
  return {
    namespace: known.namespace ?? object.namespace,
    object: { apiVersion, kind, name },
    workload: workloadOf(object, known),
  };
}

function subjectImages(
  images: readonly ManifestImage[],
  object: KubernetesObject,
  known: ObjectKnowledge,
): readonly SubjectImage[] {
  return images.filter((image) => !isLeftOpen(image, object)).map((image) => subjectImage(image, known));
}

/** In templates a volume need not name its image yet: whoever makes the pod must, and is asked then. */
function isLeftOpen({ slot, text, path }: ManifestImage, object: KubernetesObject): boolean {
  if (slot !== 'imageVolume' || text !== undefined) return false;
  let here: JsonValue | undefined = object.value;
  for (const step of path.slice(object.path.length)) {
    here = typeof step === 'number' ? asArray(here)?.[step] : asObject(here)?.[step];
  }
  return here === undefined || here === null;
}

function subjectImage(image: ManifestImage, known: ObjectKnowledge): SubjectImage {
  const text = image.text ?? '';
  const { before, scanOf, document, file } = known;
  const unchanged = before && imagesOf(before).some((other) => other.text === image.text && other.slot === image.slot);
  return {
    text,
    place: {
      slot: image.slot,
      name: image.name,
      field: pathText(image.path),
      file,
      line: document?.locateNearest(image.path).place.line,
    },
    unchanged,
    scan: image.reference ? scanOf?.(text) : undefined,
  };
}

function labelsOf(pod: PodSpec): Readonly<Record<string, string>> {
  const labels = asObject(pod.metadata?.labels);
  return Object.fromEntries(
    Object.entries(labels ?? {}).flatMap(([key, value]) => {
      const text = asString(value);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}

/** Labels decide which rules are for a pod: what an API server would not take for labels is not passed over. */
function unreadLabels({ metadata, metadataPath }: PodSpec): string | undefined {
  const labels = metadata?.labels ?? null;
  if (labels === null) return undefined;
  const members = asObject(labels);
  const areTexts = members && Object.values(members).every((member) => typeof member === 'string');
  return areTexts ? undefined : `${pathText([...metadataPath, 'labels'])} holds what is no text`;
}

/** The analysis knows containers and not what volumes hold. */
function unreadVolume(images: readonly ManifestImage[], object: KubernetesObject): string | undefined {
  const odd = images.find((one) => one.slot === 'imageVolume' && one.text === undefined && !isLeftOpen(one, object));
  return odd && `${pathText(odd.path)}: ${odd.problem ?? 'the name of the image is no text'}`;
}

function workloadOf(object: KubernetesObject, { analysis, before }: ObjectKnowledge): WorkloadKnowledge | undefined {
  if (!analysis) return undefined;
  const { score, scored } = scoreObject(object.value, kubesecRules, 'default');
  return {
    state: 'assessed',
    podSecurity: lowestLevel(analysis.podSecurity),
    kubesec: scored ? { score } : 'none',
    findings: analysis.findings.map(factOf),
    unknowns: analysis.unknowns,
    unchanged: before && isSameSpec(object, before),
  };
}

const levels = ['privileged', 'baseline', 'restricted'] as const;

function lowestLevel(reports: readonly PodSecurityReport[]): PodSecurityReport | 'none' {
  const sorted = [...reports].sort((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
  return sorted[0] ?? 'none';
}

function factOf({ ruleId, rule, severity, message, fix, container }: ManifestFinding): ManifestFact {
  return { ruleId, rule, severity, message, fix, container: container?.name };
}

/** The same pods, whatever else has changed. */
function isSameSpec(a: KubernetesObject, b: KubernetesObject): boolean {
  const specs = (object: KubernetesObject): string => JSON.stringify(podSpecsOf(object).map((pod) => pod.value));
  return specs(a) === specs(b);
}
