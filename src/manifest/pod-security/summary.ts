import type { PodSecurityLevel } from './control.js';
import {
  podSecurityControls,
  type PodSecurityResult,
  type PodSecurityViolation,
  type UnassessedField,
} from './evaluate.js';

const maxNames = 3;

/**
 * The result in one line: the level that is reached, what stops the next one, and what could not be judged. "reaches
 * baseline; restricted stops at allowPrivilegeEscalation (container app), seccompProfile (container app)". Names stand as
 * they are written in the manifest: who prints them makes them printable.
 */
export function podSecuritySummary(result: PodSecurityResult): string {
  const { baseline, restricted, unassessed, level } = result;
  const parts = [reachedWords(level, unassessed.length > 0)];
  if (baseline.length > 0) parts.push(`baseline stops at ${controlWords(baseline)}`);
  if (restricted.length > 0) {
    parts.push(`restricted ${baseline.length > 0 ? 'also ' : ''}stops at ${controlWords(restricted)}`);
  }
  if (unassessed.length > 0) parts.push(`not assessed: ${listWords(unassessed.map(unassessedWords))}`);
  return parts.join('; ');
}

function reachedWords(level: PodSecurityLevel, hasGaps: boolean): string {
  if (level !== 'privileged') return `reaches ${level}`;
  return hasGaps ? 'not shown to reach baseline' : 'does not reach baseline';
}

/** Each control once, with the containers, or else the fields, that it is about. */
function controlWords(violations: readonly PodSecurityViolation[]): string {
  const byControl = new Map<string, { readonly containers: Set<string>; readonly fields: Set<string> }>();
  for (const { control, container, path } of violations) {
    const places = byControl.get(control) ?? { containers: new Set<string>(), fields: new Set<string>() };
    byControl.set(control, places);
    if (container === undefined) places.fields.add(fieldWords(path));
    else places.containers.add(container);
  }
  const words = [...byControl].map(([id, { containers, fields }]) => {
    const name = podSecurityControls.find((control) => control.id === id)?.name ?? id;
    const places = [...fields];
    if (containers.size > 0) {
      places.push(`${containers.size === 1 ? 'container' : 'containers'} ${listWords([...containers])}`);
    }
    return `${name} (${listWords(places)})`;
  });
  return words.join(', ');
}

function unassessedWords({ path, reason }: UnassessedField): string {
  return `${fieldWords(path)} ${reason}`;
}

/** `spec.containers[0].securityContext`; keys with dots in quotes. */
function fieldWords(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the pod';
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    if (/[^A-Za-z0-9_-]/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

function listWords(names: readonly string[]): string {
  const shown = names.slice(0, maxNames).join(', ');
  return names.length <= maxNames ? shown : `${shown} and ${names.length - maxNames} more`;
}
