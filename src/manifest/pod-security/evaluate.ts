import type { JsonValue } from '../../formats/index.js';
import type { ControlFinding, ControlRevision, PodSecurityControl, PodSecurityLevel } from './control.js';
import * as registered from './controls/index.js';
import type { UnreadableField } from './field.js';
import { Pod } from './pod.js';
import { minorOf, type PodSecurityVersion } from './version.js';

/** Every control of the standard: those of baseline first, each level sorted by id: the order of the API server. */
export const podSecurityControls: readonly PodSecurityControl[] = Object.values(registered).toSorted(
  (a, b) => compare(a.level, b.level) || compare(a.id, b.id),
);

/** One value that a control forbids. */
export interface PodSecurityViolation extends ControlFinding {
  /** Id of the control, as the API server's admission has it. */
  readonly control: string;
  /** The lowest level that forbids it. */
  readonly level: 'baseline' | 'restricted';
}

/** A field that a control needed and could not read. */
export interface UnassessedField extends UnreadableField {
  /** Ids of the controls that could not be judged. */
  readonly controls: readonly string[];
  /** The lowest level that is open because of it. */
  readonly level: 'baseline' | 'restricted';
}

export interface PodSecurityResult {
  /** As it was asked for. */
  readonly version: PodSecurityVersion;
  /** The highest level that is shown to be reached; what could not be read shows nothing. */
  readonly level: PodSecurityLevel;
  readonly baseline: readonly PodSecurityViolation[];
  /** What restricted forbids beyond that. */
  readonly restricted: readonly PodSecurityViolation[];
  readonly unassessed: readonly UnassessedField[];
}

interface Violations {
  readonly baseline: PodSecurityViolation[];
  readonly restricted: PodSecurityViolation[];
}

/**
 * What the Pod Security Standards of a version of Kubernetes say about a pod, or the template of one: an object with
 * `metadata` (only annotations count) and `spec`. Defaults that the API server fills in before it judges count as if they
 * were written. Versions later than the newest edition known here are judged by that one. Never throws: what is not of the
 * API's types is returned as unassessed. Violations come in the order of `podSecurityControls`.
 *
 * @param isPart something else completes the pod, which may lack its main containers.
 */
export function evaluatePodSecurity(
  pod: JsonValue,
  version: PodSecurityVersion = 'latest',
  isPart = false,
): PodSecurityResult {
  const gaps = new Gaps();
  let asking: PodSecurityControl | undefined;
  const view = new Pod(pod, (field) => asking && gaps.add(field, asking), isPart);
  const violations: Violations = { baseline: [], restricted: [] };
  for (const control of podSecurityControls) {
    asking = control;
    const { id, level, replaces } = control;
    const findings = revisionAt(control, version)?.check(view) ?? [];
    const said = placesOf(replaces, violations);
    for (const finding of findings) {
      if (said.size > 0 && said.has(JSON.stringify(finding.path))) continue;
      violations[level].push({ control: id, level, ...finding });
    }
  }
  const unassessed = gaps.list();
  return { version, level: levelOf(violations, unassessed), ...violations, unassessed };
}

/**
 * Ids of the controls that the API server names when it enforces a level, in its order: at restricted, a control that
 * tightens another one speaks for both.
 */
export function forbiddingControls(result: PodSecurityResult, level: PodSecurityLevel): readonly string[] {
  if (level === 'privileged') return [];
  const ids = new Set(result.baseline.map(({ control }) => control));
  if (level === 'baseline') return [...ids];
  for (const { id, replaces = '' } of podSecurityControls.filter((control) => revisionAt(control, result.version))) {
    if (ids.delete(replaces)) ids.add(id);
  }
  for (const { control } of result.restricted) ids.add(control);
  return podSecurityControls.map(({ id }) => id).filter((id) => ids.has(id));
}

/** What could not be read: a field is named once, with all the controls that asked for it. */
class Gaps {
  readonly #byPath = new Map<string, { readonly first: UnassessedField; readonly controls: string[] }>();

  add({ path, reason }: UnreadableField, { id, level }: PodSecurityControl): void {
    const key = JSON.stringify(path);
    const known = this.#byPath.get(key);
    // Baseline comes first, so the first control's level is the lowest.
    if (known === undefined) {
      const controls = [id];
      this.#byPath.set(key, { first: { path, reason, controls, level }, controls });
    } else if (!known.controls.includes(id)) {
      known.controls.push(id);
    }
  }

  list(): readonly UnassessedField[] {
    return [...this.#byPath.values()].map(({ first }) => first);
  }
}

function revisionAt(control: PodSecurityControl, version: PodSecurityVersion): ControlRevision | undefined {
  const minor = minorOf(version);
  return control.revisions.findLast(({ since }) => since <= minor);
}

/** The places that a control of baseline has spoken of: one that tightens it need not repeat them. */
function placesOf(control: string | undefined, { baseline }: Violations): ReadonlySet<string> {
  return new Set(baseline.filter((one) => one.control === control).map(({ path }) => JSON.stringify(path)));
}

function levelOf({ baseline, restricted }: Violations, unassessed: readonly UnassessedField[]): PodSecurityLevel {
  if (baseline.length > 0 || unassessed.some(({ level }) => level === 'baseline')) return 'privileged';
  return restricted.length > 0 || unassessed.length > 0 ? 'baseline' : 'restricted';
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
