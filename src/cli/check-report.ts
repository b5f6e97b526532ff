import type { Decision, Policy, PolicySubject, Reason, SubjectImage } from '../policy/index.js';
import { printable } from './printable.js';
import type { Painter } from './terminal.js';

/** One thing that was judged. */
export interface Checked {
  readonly kind: 'image' | 'archive' | 'report' | 'object';
  /** The word of the command line, or the place of an object. */
  readonly target: string;
  readonly subject: PolicySubject;
  readonly decision: Decision;
}

const colours = { pass: 'green', fail: 'red', incomplete: 'yellow' } as const;
const words = { pass: 'PASS', fail: 'FAIL', incomplete: 'INCOMPLETE' } as const;

/** For people: every reason with its fix; objects of which nothing is to be said are counted only. */
export function checkTable(checked: readonly Checked[], paint: Painter): string {
  const shown = checked.filter((one) => one.kind !== 'object' || !isSilent(one.decision));
  const blocks = shown.map((one) => blockOf(one, paint));
  const silent = checked.length - shown.length;
  if (silent > 0) blocks.push([`${silent} ${silent === 1 ? 'object passes' : 'objects pass'} with nothing to say`]);
  const open = openLines(checked);
  if (open.length > 0) blocks.push([paint.bold('Not assessed (counts neither way)'), ...open]);
  return blocks.map((lines) => lines.map((line) => `${line}\n`).join('')).join('\n');
}

/** For programs. */
export function checkJson(policy: Policy, outcome: Decision['outcome'], checked: readonly Checked[]): string {
  const targets = checked.map(({ kind, target, subject, decision }) => ({
    kind,
    target,
    object: subject.object,
    namespace: subject.namespace,
    images: subject.images.map(jsonImage),
    ...decision,
  }));
  return `${JSON.stringify({ schemaVersion: 1, policy: policy.name, outcome, targets }, null, 2)}\n`;
}

function jsonImage({ text, place, scan }: SubjectImage): object {
  const scanned = scan?.state === 'scanned' ? scan.facts : undefined;
  return {
    image: text,
    place,
    scan: scan && {
      state: scan.state,
      digest: scanned?.digest,
      scannedAt: scanned?.scannedAt,
      databaseUpdatedAt: scanned?.databaseUpdatedAt,
      findings: scanned?.findings.length,
    },
  };
}

function isSilent({ outcome, reasons, warnings, audits, waived }: Decision): boolean {
  return outcome === 'pass' && reasons.length + warnings.length + audits.length + waived.length === 0;
}

function blockOf(one: Checked, paint: Painter): string[] {
  const { decision } = one;
  const lines = [`${paint[colours[decision.outcome]](words[decision.outcome])}  ${paint.bold(titleOf(one))}`];
  for (const reason of [...decision.reasons, ...decision.warnings, ...decision.audits]) {
    lines.push(...reasonLines(reason, one, paint));
  }
  for (const { rule, finding, image, by, until } of decision.waived) {
    const what = finding ? `${finding.vulnerabilityId} in ${finding.packageName}` : (image ?? 'the object');
    const why =
      by.kind === 'grace'
        ? 'time of grace'
        : `exception: ${by.reason ?? 'no reason given'}${by.owner === undefined ? '' : ` (${by.owner})`}`;
    const end = until === undefined ? '' : ` until ${until.toISOString().slice(0, 10)}`;
    lines.push(`  ${paint.dim('accepted'.padEnd(8))}  ${printable(rule)}: ${printable(`${what}, ${why}${end}`)}`);
  }
  return lines;
}

function titleOf({ kind, target, subject }: Checked): string {
  if (kind !== 'object') return printable(target);
  const { object, namespace } = subject;
  if (!object) return printable(target);
  const name = `${object.kind ?? 'object'} ${object.name ?? '(no name)'}`;
  return printable(`${name}${namespace === undefined ? '' : ` in ${namespace}`} (${target})`);
}

function reasonLines(reason: Reason, one: Checked, paint: Painter): string[] {
  const { action, rule, message, fix, check, insteadOf } = reason;
  const colour = action === 'deny' && check !== 'incomplete' ? 'red' : 'yellow';
  const unchanged = insteadOf === undefined ? '' : ' (unchanged: passes all the same)';
  const where = whereOf(reason, one);
  const lines = [
    `  ${paint[colour](action.padEnd(8))}  ${printable(rule)}: ${printable(`${where}${message}${unchanged}`)}`,
  ];
  if (fix !== undefined && action !== 'audit') lines.push(`            ${paint.dim('fix:')} ${printable(fix)}`);
  return lines;
}

/** Which of an object's images; an image alone is in the title. */
function whereOf({ image, place }: Reason, { kind }: Checked): string {
  if (kind !== 'object' || image === undefined) return '';
  const slot = place?.slot === undefined ? '' : `${place.slot} ${place.name ?? '(no name)'}, `;
  return `${slot}${image === '' ? '(no image)' : image}: `;
}

function openLines(checked: readonly Checked[]): string[] {
  const open = new Map<string, Set<string>>();
  for (const { rule, needs } of checked.flatMap(({ decision }) => decision.notAssessed)) {
    const known = open.get(rule) ?? new Set<string>();
    for (const need of needs) known.add(needWords[need]);
    open.set(rule, known);
  }
  return [...open].map(([rule, needs]) => `  ${printable(rule)}: needs ${[...needs].join(', ')}`);
}

const needWords = {
  name: 'a name for the image (--as)',
  namespace: 'a namespace (--namespace)',
  labels: 'labels (--labels)',
  scan: 'a scan (an image that is refused for its name is not scanned)',
  podSecurity: 'the manifest of a pod',
  kubesec: 'a manifest',
  manifest: 'a manifest',
  object: 'a manifest',
  request: 'a request to an API server (only webhooks are told who asks)',
  opa: 'the answer of a policy engine',
} as const;
