import type { YamlDocument } from '../formats/index.js';
import {
  createAnalysis,
  objectsOf,
  type KubernetesObject,
  type ManifestPlace,
  type ManifestReport,
  type ObjectName,
} from '../manifest/index.js';
import type { PolicySubject } from '../policy/index.js';
import { sourceOf, subjectsOfObject } from '../subjects/index.js';
import type { CommandContext } from './command.js';
import { readManifests } from './manifest-reading.js';

/** What is judged of manifests: an object, or a document that could not be read. */
export interface ManifestSubject {
  /** `k8s/web.yaml:12`. */
  readonly place: string;
  readonly subject: PolicySubject;
}

export interface CheckManifestsOptions {
  readonly now: Date;
  /** Of objects that name none. */
  readonly namespace: string | undefined;
}

interface ReadObject {
  readonly object: KubernetesObject;
  readonly document: YamlDocument;
  readonly file: string;
  readonly index: number;
}

/**
 * Every object of all that the words stand for, with its images and its analysis; and a subject for each document
 * that could not be read.
 * @throws CliError `NO_MANIFESTS`
 */
export async function checkManifests(
  context: CommandContext,
  words: readonly string[],
  { now, namespace }: CheckManifestsOptions,
): Promise<readonly ManifestSubject[]> {
  const objects: ReadObject[] = [];
  const analysis = createAnalysis({ now });
  const read = await readManifests(context, words, (file, part, index) => {
    analysis.add(file, part, index);
    if (part.kind !== 'document') return;
    for (const object of objectsOf(part.value)) objects.push({ object, document: part, file: file.name, index });
  });
  const own = analysis.finish();
  const report: ManifestReport = { ...own, unknowns: [...own.unknowns, ...read.unknowns] };
  const found = groupFindings(report);
  const ofObjects = objects.flatMap(({ object, document, file, index }): readonly ManifestSubject[] => {
    const analysed = found.get(keyOf(file, index, object)) ?? nothing;
    const unread = unknownsAt(report, file, index);
    const subjects = subjectsOfObject(object, {
      analysis: { ...analysed, unknowns: [] },
      namespace: object.namespace ?? namespace,
      document,
      file,
    });
    const { line } = document.locateNearest(object.path).place;
    const source = sourceOf(object.value);
    return subjects.map((subject) => ({
      place: `${file}:${line}`,
      subject: { ...subject, ...source, unread: unread ?? subject.unread },
    }));
  });
  return [...ofObjects, ...unreadSubjects(report, objects, namespace)];
}

interface Found {
  readonly findings: ManifestReport['findings'][number][];
  readonly podSecurity: ManifestReport['podSecurity'][number][];
}

const nothing: Found = { findings: [], podSecurity: [] };

/** What authors suppressed counts too: exceptions are the policy's. */
function groupFindings({ findings, suppressed, podSecurity }: ManifestReport): ReadonlyMap<string, Found> {
  const groups = new Map<string, Found>();
  const groupOf = (place: ManifestPlace, object: ObjectName): Found => {
    const key = keyOf(place.file, place.document, object);
    const group = groups.get(key) ?? { findings: [], podSecurity: [] };
    groups.set(key, group);
    return group;
  };
  for (const finding of [...findings, ...suppressed.map((one) => one.finding)])
    groupOf(finding.place, finding.object).findings.push(finding);
  for (const one of podSecurity) groupOf(one.place, one.object).podSecurity.push(one);
  return groups;
}

function keyOf(file: string, document: number, { apiVersion, kind, name, namespace }: ObjectName): string {
  return JSON.stringify([file, document, apiVersion, kind, name ?? null, namespace ?? null]);
}

/** A part of a document that is no part of its kind may hide anything. */
function unknownsAt({ unknowns }: ManifestReport, file: string, index: number): string | undefined {
  const found = unknowns.filter(
    ({ place, code }) => code === 'OBJECT_INVALID' && place.file === file && place.document === index,
  );
  const [first] = found;
  return first && (found.length > 1 ? `${first.reason} (and ${found.length - 1} more)` : first.reason);
}

/** What was told of no object may be any object. */
function unreadSubjects(
  { unknowns }: ManifestReport,
  objects: readonly ReadObject[],
  namespace: string | undefined,
): readonly ManifestSubject[] {
  const read = new Set(objects.map(({ file, index }) => `${index} ${file}`));
  return unknowns.flatMap(({ place, reason, hint, code }): ManifestSubject[] => {
    if (code === 'OBJECT_INVALID' && read.has(`${place.document} ${place.file}`)) return [];
    const words = hint === undefined ? reason : `${reason} (${hint})`;
    return [{ place: `${place.file}:${place.line}`, subject: { images: [], namespace, unread: words } }];
  });
}
