import { asArray, asObject, asString, type JsonValue, type YamlDocument, type YamlPath } from '../formats/index.js';
import { formatFamiliar, formatReference, type Reference } from '../reference/index.js';
import { readImage } from './analysis/images.js';
import { objectsOf, type KubernetesObject } from './kubernetes-object.js';
import { containersOf, podSpecsOf, type ContainerRole, type PodSpec } from './pod-specs.js';

/** Where in a pod an image is named. */
export type ImageSlot = ContainerRole | 'imageVolume';

/** One place of a manifest that names an image, or should. */
export interface ManifestImage {
  /** As written; `undefined` if it is no text. */
  readonly text: string | undefined;
  /** What it means; absent if it means nothing. */
  readonly reference?: Reference | undefined;
  /** The reference written out with every default: `docker.io/library/nginx:1.27`. */
  readonly canonical?: string | undefined;
  /** The short form that people type. */
  readonly familiar?: string | undefined;
  /** Why it is no image name, in one clause; absent if it is one. */
  readonly problem?: string | undefined;
  readonly slot: ImageSlot;
  /** Name of the container, or of the volume. */
  readonly name: string | undefined;
  readonly object: KubernetesObject;
  /** From the document's root to the value. */
  readonly path: YamlPath;
}

/**
 * Every image that an object's pods name, in the order init containers, containers, ephemeral containers, image volumes;
 * templates in custom resources included. What stands in a slot and is no image name (empty, blank, a number, missing) is
 * returned with its problem, and so are lists of containers and volumes that are no lists: nothing is passed over but
 * containers of a part of a pod (`PodSpec.isPart`) whose image is left to whatever completes it.
 */
export function imagesOf(object: KubernetesObject): readonly ManifestImage[] {
  return podSpecsOf(object).flatMap((pod) => imagesOfPod(object, pod));
}

/** The images of every object of a document, items of lists included. */
export function imagesOfDocument(value: JsonValue): readonly ManifestImage[] {
  return objectsOf(value).flatMap(imagesOf);
}

/** Line and column, from 1, of what an image's path leads to, or of what is nearest. */
export function placeOfImage(
  document: YamlDocument,
  image: ManifestImage,
): { readonly line: number; readonly column: number } {
  const { line, column } = document.locateNearest(image.path).place;
  return { line, column };
}

const lists: readonly { readonly field: string; readonly slot: ImageSlot; readonly what: string }[] = [
  { field: 'initContainers', slot: 'initContainer', what: 'a container' },
  { field: 'containers', slot: 'container', what: 'a container' },
  { field: 'ephemeralContainers', slot: 'ephemeralContainer', what: 'a container' },
  { field: 'volumes', slot: 'imageVolume', what: 'a volume' },
];

function imagesOfPod(object: KubernetesObject, pod: PodSpec): readonly ManifestImage[] {
  const ofContainers = containersOf(pod).flatMap(({ role, name, path, value }) => {
    const isLeftOut = value.image === undefined || value.image === null;
    if (pod.isPart && isLeftOut) return [];
    return [manifestImage(value.image, { slot: role, name, object, path: [...path, 'image'] })];
  });
  const ofVolumes = (asArray(pod.value.volumes) ?? []).flatMap((item, at): ManifestImage[] => {
    const volume = asObject(item);
    if (volume?.image === undefined || volume.image === null) return [];
    const path = [...pod.path, 'volumes', at, 'image', 'reference'];
    const image = asObject(volume.image);
    const where: Slot = { slot: 'imageVolume', name: asString(volume.name), object, path };
    return [image ? manifestImage(image.reference, where) : unreadable(where, 'the image of the volume is no mapping')];
  });
  return [...ofContainers, ...ofVolumes, ...unreadableOf(object, pod)];
}

type Slot = Pick<ManifestImage, 'slot' | 'name' | 'object' | 'path'>;

function manifestImage(value: JsonValue | undefined, where: Slot): ManifestImage {
  const { reference, problem } = readImage(value);
  const text = asString(value);
  if (!reference) return { text, problem, ...where };
  return { text, reference, canonical: formatReference(reference), familiar: formatFamiliar(reference), ...where };
}

/** What stands where containers and volumes should be, and is none: it could name anything. */
function unreadableOf(object: KubernetesObject, pod: PodSpec): readonly ManifestImage[] {
  return lists.flatMap(({ field, slot, what }): readonly ManifestImage[] => {
    const value = pod.value[field];
    const path = [...pod.path, field];
    if (value === undefined || value === null) return [];
    const list = asArray(value);
    if (!list) return [unreadable({ slot, name: undefined, object, path }, `${field} is no list`)];
    return list.flatMap((item, at) =>
      asObject(item) ? [] : [unreadable({ slot, name: undefined, object, path: [...path, at] }, `it is not ${what}`)],
    );
  });
}

function unreadable(where: Slot, problem: string): ManifestImage {
  return { text: undefined, problem, ...where };
}
