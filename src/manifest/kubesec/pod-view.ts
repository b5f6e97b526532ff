import { asArray, asObject, type JsonObject, type JsonValue } from '../../formats/index.js';

/** An object as kubesec sees it: its pod spec where the kind has it, by field names alone. */
export interface PodView {
  readonly object: JsonObject;
  readonly kind: string;
  readonly pod: JsonObject | undefined;
  /** The main ones. */
  readonly containers: readonly JsonObject[];
  /** Init, main and ephemeral ones. */
  readonly allContainers: readonly JsonObject[];
}

/** The view of an object of some kind; everything that is missing or of another type is absent. */
export function viewPod(object: JsonObject, kind: string): PodView {
  const spec = asObject(object.spec);
  const job = kind === 'CronJob' ? asObject(asObject(spec?.jobTemplate)?.spec) : spec;
  const pod = kind === 'Pod' ? spec : asObject(asObject(job?.template)?.spec);
  const containers = objectsIn(pod?.containers);
  return {
    object,
    kind,
    pod,
    containers,
    allContainers: [...objectsIn(pod?.initContainers), ...containers, ...objectsIn(pod?.ephemeralContainers)],
  };
}

/** The objects of a list; anything else is passed over. */
export function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return (asArray(value) ?? []).map(asObject).filter((item) => item !== undefined);
}

/** A container's security context. */
export function securityOf(container: JsonObject | undefined): JsonObject | undefined {
  return asObject(container?.securityContext);
}
