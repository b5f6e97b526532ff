import type { Severity } from '../../findings/index.js';
import { asObject, type JsonValue, type YamlDocument, type YamlPart, type YamlPath } from '../../formats/index.js';
import { objectsOf } from '../kubernetes-object.js';
import {
  evaluatePodSecurity,
  parsePodSecurityVersion,
  podSecuritySummary,
  type PodSecurityVersion,
} from '../pod-security/index.js';
import { findManifestRule, manifestRules } from './all-rules.js';
import { FactCollector } from './collect-facts.js';
import { compareFindings } from './finding-order.js';
import { invalidItems, invalidObjectParts, invalidPodParts, type InvalidPart } from './invalid-parts.js';
import type {
  FieldEdit,
  ManifestFinding,
  ManifestReport,
  ManifestUnknown,
  PodSecurityReport,
  SuppressedManifestFinding,
} from './manifest-report.js';
import { EffectiveValues, PathTree } from './path-tree.js';
import { renderedFrom } from './rendered-from.js';
import { repeatedPaths } from './repeated-fields.js';
import type { Cluster, ContainerRule, Hit, InputHit, ManifestRule, ObjectRule, PodRule } from './rule.js';
import { anchorAt, nameOf, placeIn, placeOf, type Reading, type Subject } from './subject.js';
import {
  maySuppress,
  readSuppressions,
  suppressedBy,
  type Annotated,
  type Suppression,
  type Suppressions,
} from './suppressions.js';
import { kept, ObjectView, type PodView } from './views.js';

export interface AnalysisOptions {
  /** `1.33`, `v1.33.4` or `latest` (the default): whose APIs and Pod Security Standards count. */
  readonly kubernetesVersion?: string | undefined;
  /** Suppressions end by it. */
  readonly now: Date;
  /** Ids or names of the rules to ask; absent: all. */
  readonly rules?: readonly string[] | undefined;
  /** Ids or names of rules not to ask. */
  readonly skipRules?: readonly string[] | undefined;
  /** By id, instead of the rules' own. */
  readonly severities?: ReadonlyMap<string, Severity> | undefined;
}

/** Judges documents one after the other; keeps what it found and small facts, never the documents. */
export interface ManifestAnalysis {
  /** @param documentIndex which of the file's documents it is, from 0. */
  add(file: { readonly name: string }, part: YamlPart, documentIndex: number): void;
  /** The report of all that was added. Call it once. */
  finish(): ManifestReport;
}

/** Names of rules that do not exist are passed over: `findManifestRule` tells them beforehand. */
export function createAnalysis(options: AnalysisOptions): ManifestAnalysis {
  return new Analysis(options);
}

class Analysis implements ManifestAnalysis {
  readonly #version: PodSecurityVersion;
  readonly #cluster: Cluster;
  readonly #today: string;
  readonly #severities: ReadonlyMap<string, Severity>;
  readonly #rules: readonly ManifestRule[];
  readonly #podRules: readonly (PodRule | ContainerRule)[];
  readonly #objectRules: readonly ObjectRule[];
  readonly #rulesOfKind = new Map<string, readonly ObjectRule[]>();
  readonly #paths = new PathTree();
  readonly #effective = new EffectiveValues();
  readonly #files = new Set<string>();
  readonly #facts = new FactCollector();
  readonly #findings: ManifestFinding[] = [];
  readonly #suppressed: SuppressedManifestFinding[] = [];
  readonly #suppressions: Suppression[] = [];
  readonly #unknowns: ManifestUnknown[] = [];
  readonly #podSecurity: PodSecurityReport[] = [];
  #documents = 0;
  #objects = 0;
  #workloads = 0;

  constructor({ kubernetesVersion = 'latest', now, rules, skipRules, severities }: AnalysisOptions) {
    const short = /^v?[0-9]+\.[0-9]+/.exec(kubernetesVersion)?.[0] ?? kubernetesVersion;
    this.#version = parsePodSecurityVersion(short) ?? 'latest';
    this.#cluster = { minor: this.#version === 'latest' ? undefined : this.#version.minor };
    this.#today = now.toISOString().slice(0, 10);
    this.#severities = severities ?? new Map();
    const asked = rules && idsOf(rules);
    const skipped = idsOf(skipRules ?? []);
    this.#rules = manifestRules.filter(({ id }) => !skipped.has(id) && (asked?.has(id) ?? true));
    this.#podRules = this.#rules.filter((rule) => rule.scope === 'pod' || rule.scope === 'container');
    this.#objectRules = this.#rules.filter((rule) => rule.scope === 'object');
  }

  add(file: { readonly name: string }, part: YamlPart, documentIndex: number): void {
    this.#files.add(file.name);
    if (part.kind === 'empty') return;
    this.#documents++;
    if (part.kind === 'document') {
      this.#addDocument(part, file.name, documentIndex);
      return;
    }
    const { line, column, reason, pastBound, text } = part;
    const place = { file: file.name, line, column, document: documentIndex };
    if (pastBound) this.#unknowns.push({ code: 'DOCUMENT_TOO_LARGE', place, reason });
    else if (text.includes('{{')) {
      const hint = 'render it first: helm template CHART | tidewaiter manifest -';
      this.#unknowns.push({ code: 'CHART_NOT_RENDERED', place, reason: 'a template that is not rendered', hint });
    } else this.#unknowns.push({ code: 'DOCUMENT_BROKEN', place, reason });
  }

  finish(): ManifestReport {
    for (const rule of this.#rules) {
      if (rule.scope === 'input') for (const hit of rule.check(this.#facts)) this.#addInputHit(rule, hit);
    }
    const ran = new Set(this.#rules.map(({ id }) => id));
    const unused = this.#suppressions
      .filter(({ used, problem, ruleId }) => !used && (problem !== undefined || ran.has(ruleId)))
      .map(({ place, ruleId, problem }) => ({ place, reason: problem ?? `${ruleId} finds nothing here` }));
    return {
      schemaVersion: 1,
      files: this.#files.size,
      documents: this.#documents,
      objects: this.#objects,
      workloads: this.#workloads,
      findings: this.#findings.sort(compareFindings),
      suppressed: this.#suppressed.sort((a, b) => compareFindings(a.finding, b.finding)),
      unusedSuppressions: unused,
      unknowns: this.#unknowns,
      podSecurity: this.#podSecurity,
    };
  }

  #addDocument(document: YamlDocument, file: string, index: number): void {
    const source = renderedFrom(document.text, document.value);
    const bare: Reading = { document, file, index, source: source && kept(source), suppressions: undefined };
    const objects = objectsOf(document.value);
    if (objects.length === 0 && !isEmptyList(document.value)) {
      const reason = 'it is no Kubernetes object: a mapping with apiVersion and kind is expected';
      this.#addInvalid(bare, [{ path: [], reason }]);
      return;
    }
    this.#addInvalid(bare, invalidItems(document.value));
    const repeated = repeatedPaths(document);
    const views = objects.map((object) => {
      const own = repeated.filter(({ path }) => startsWith(path, object.path));
      return new ObjectView(
        object,
        own.map(({ path, offset }) => ({ path: path.slice(object.path.length), offset })),
      );
    });
    const suppressions = this.#readSuppressions(bare, views);
    const reading = { ...bare, suppressions };
    for (const view of views) this.#addObject(reading, view);
  }

  #readSuppressions(reading: Reading, views: readonly ObjectView[]): Suppressions | undefined {
    const { document } = reading;
    if (!maySuppress(document)) return undefined;
    const suppressions = readSuppressions(document, views.flatMap(annotatedOf), {
      ruleId: (name) => findManifestRule(name)?.id,
      today: this.#today,
      placeOf: (position) => placeIn(reading, position),
    });
    for (const suppression of suppressions?.list ?? []) this.#suppressions.push(suppression);
    return suppressions;
  }

  #addObject(reading: Reading, view: ObjectView): void {
    const { object } = view;
    this.#objects++;
    this.#addInvalid(reading, invalidObjectParts(view));
    const base = this.#paths.at(object.path);
    const subject: Subject = {
      reading,
      object: nameOf(object),
      base,
      value: view.value,
      places: new Map(),
      mendable: new Set(),
    };
    for (const rule of this.#rulesFor(object.kind)) {
      for (const hit of rule.check(view, this.#cluster)) this.#addHit(rule, subject, hit);
    }
    this.#facts.addObject(view);
    if (view.pods.length > 0) this.#workloads++;
    for (const pod of view.pods) this.#addPod(subject, pod);
  }

  #rulesFor(kind: string): readonly ObjectRule[] {
    const known = this.#rulesOfKind.get(kind);
    if (known) return known;
    const rules = this.#objectRules.filter(({ kinds }) => kinds?.includes(kind) ?? true);
    if (this.#rulesOfKind.size < maxKinds) this.#rulesOfKind.set(kind, rules);
    return rules;
  }

  #addPod(subject: Subject, pod: PodView): void {
    const { reading } = subject;
    const base = this.#paths.at(pod.path);
    const ofPod: Subject = { ...subject, base, value: pod.spec, places: new Map(), mendable: new Set() };
    const containers = pod.containers.map((view) => ({
      view,
      subject: {
        ...subject,
        base: base.at(view.path),
        value: view.value,
        container: { role: view.role, name: view.name },
        places: new Map(),
        mendable: new Set(),
      } satisfies Subject,
    }));
    const last: (() => void)[] = [];
    for (const rule of this.#podRules) {
      if (rule.linuxOnly && pod.isWindows) continue;
      if (rule.scope === 'pod') {
        for (const hit of rule.check(pod)) this.#addHit(rule, ofPod, hit);
        continue;
      }
      for (const container of containers) {
        for (const hit of rule.check(container.view)) {
          if (hit.editsNeed) last.push(() => this.#addHit(rule, container.subject, hit));
          else this.#addHit(rule, container.subject, hit);
        }
      }
    }
    for (const add of last) add();
    const judged = { metadata: { annotations: pod.annotations }, spec: pod.spec };
    const level = evaluatePodSecurity(judged, this.#version, pod.isPart);
    this.#addInvalid(reading, invalidPodParts(pod, level.unassessed));
    const at = anchorAt(reading, subject.object, [...pod.object.path, 'metadata', 'name']);
    const tokenPath = [...pod.path, 'automountServiceAccountToken'];
    const automount = pod.spec.automountServiceAccountToken ?? !pod.isPart;
    const token = automount === false ? undefined : anchorAt(reading, subject.object, tokenPath);
    this.#facts.addPod(pod, level.level, { at, token });
    const summary = podSecuritySummary(level);
    this.#podSecurity.push({ object: subject.object, place: at.place, level: level.level, summary });
  }

  #addInvalid(reading: Reading, parts: readonly InvalidPart[]): void {
    for (const { path, reason } of parts) {
      const { place } = reading.document.locateNearest(path);
      this.#unknowns.push({ code: 'OBJECT_INVALID', place: placeIn(reading, place), reason });
    }
  }

  #addHit(rule: ManifestRule, subject: Subject, hit: Hit): void {
    const { object, container, base, reading } = subject;
    const { path } = base.at(hit.path);
    const place =
      hit.offset === undefined ? placeOf(subject, hit.path) : placeIn(reading, reading.document.position(hit.offset));
    const canEdit = hit.edits && (hit.editsNeed?.every((id) => subject.mendable.has(id)) ?? true);
    const edits = canEdit ? base.edits(hit.edits ?? noEdits) : noEdits;
    const of = { object, container: hit.container ?? container, path, place, edits };
    const isReported = this.#addFinding(rule, hit, of, reading.suppressions);
    if (isReported && edits.length > 0) subject.mendable.add(rule.id);
  }

  #addInputHit(rule: ManifestRule, hit: InputHit): void {
    const { object, path, place, suppressions } = hit.at;
    this.#addFinding(
      rule,
      hit,
      { object, container: undefined, path, place, edits: hit.edits ?? noEdits },
      suppressions,
    );
  }

  /** Whether it is among the findings, and not suppressed. */
  #addFinding(
    rule: ManifestRule,
    { message, effective, fix }: Hit | InputHit,
    of: Pick<ManifestFinding, 'object' | 'container' | 'path' | 'place' | 'edits'>,
    suppressions: Suppressions | undefined,
  ): boolean {
    const finding: ManifestFinding = {
      ruleId: rule.id,
      rule: rule.name,
      severity: this.#severities.get(rule.id) ?? rule.severity,
      message,
      why: rule.why,
      fix: fix ?? rule.fix,
      object: of.object,
      container: of.container,
      path: of.path,
      place: of.place,
      effective: this.#effective.kept(effective),
      edits: of.edits,
    };
    const by = suppressedBy(suppressions, {
      ruleId: rule.id,
      container: of.container?.name,
      path: of.path,
      line: of.place.line,
    });
    if (by) this.#suppressed.push({ finding, reason: by.reason, until: by.until, by: by.place });
    else this.#findings.push(finding);
    return by === undefined;
  }
}

const noEdits: readonly FieldEdit[] = [];

function idsOf(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.flatMap((name) => findManifestRule(name)?.id ?? []));
}

const maxKinds = 1000;

function annotatedOf({ object, pods, value }: ObjectView): readonly Annotated[] {
  const metadataPath = [...object.path, 'metadata'];
  const own = { path: object.path, metadataPath, annotations: asObject(asObject(value.metadata)?.annotations) ?? {} };
  const ofPods = pods
    .filter((pod) => pod.metadataPath.length !== metadataPath.length)
    .map((pod) => ({ path: pod.path, metadataPath: pod.metadataPath, annotations: pod.annotations }));
  return [own, ...ofPods];
}

function isEmptyList(value: JsonValue): boolean {
  const object = asObject(value);
  return typeof object?.kind === 'string' && object.kind.endsWith('List') && Array.isArray(object.items);
}

function startsWith(path: YamlPath, beginning: YamlPath): boolean {
  return beginning.every((step, at) => path[at] === step);
}
