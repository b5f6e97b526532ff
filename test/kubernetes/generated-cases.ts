import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../src/formats/index.js';
import { objectsOf } from '../../src/manifest/index.js';
import { evaluatePolicy, parsePolicy, type Policy } from '../../src/policy/index.js';
import { subjectOfObject } from '../../src/subjects/index.js';
import { sharedPath } from '../support/paths.js';

/** The moment of every generated form here. */
export const now = new Date('2026-11-24T12:00:00Z');

/** Policies over names in all that they can say. */
export const policies: readonly Policy[] = [
  `action: deny
rules:
- {name: trusted, registries: {allow: [docker.io/library, registry.example.com, quay.io/team, 'reg:5000', '[::1]:5000', localhost/x]}}
`,
  `action: deny
unchanged: judge
rules:
- name: globs
  registries:
    allow: ['*.example.com', 'docker.io/**', 'quay.io/*/app', 'a.b/**/c', 'reg.io:443/te*/**', '*.io/x', '127.0.0.*/x', 'REG.IO']
    deny: [docker.io/bitnami, 'evil.example.com', 'Reg.Io/team', '*.evil.com', '[2001:DB8::1]/a', 'docker.io/library/*x']
`,
  `action: deny
rules:
- {name: official-only, official: true, exclude: {images: [quay.io, a.b]}}
- {name: versions, tags: {deny: [latest, 'dev-*', '*-SNAPSHOT']}, fix: "name \\"the\\" version \\\\ or digest"}
- {name: digests, digest: true, action: warn, match: {images: [quay.io, docker.io/library/nginx]}}
- {name: later, tags: {allow: ['1*', '2*']}, action: warn, hardensOn: 2030-01-01}
- {name: hardened, registries: {deny: [gcr.io]}, action: audit, hardensOn: 2020-01-01}
exceptions:
- {rules: [official-only], images: ['reg.io/team/**'], reason: r, owner: o}
- {rules: [versions], namespaces: ['*-other'], reason: r, owner: o}
`,
  `action: deny
rules:
- {name: in-team, registries: {allow: [registry.example.com]}, match: {namespaces: ['*-team']}}
- {name: labelled, digest: true, match: {labels: {tier: 'pro*', 'app.kubernetes.io/name': '*'}}}
- {name: not-there, registries: {allow: []}, match: {images: ['*.com']}, exclude: {namespaces: ['*-team'], images: [good.com]}}
- {name: never, registries: {allow: []}, exclude: {namespaces: ['*']}}
- {name: quoted, registries: {allow: []}, match: {labels: {tier: '"]) || (true', 'a"\\b\`': "'*\`}\\u2028"}}}
- {name: quoted-too, registries: {allow: []}, match: {namespaces: ['") || true || ("', '\`\\', "\\u2028\\U0001F6A2", '[a-z]+', '.*-team']}}
- {name: unlabelled, official: true, exclude: {labels: {tier: prod}}, action: warn}
`,
].map((text, at) =>
  parsePolicy(`apiVersion: tidewaiter.dev/v1\nkind: Policy\nmetadata: {name: p${at}}\n${text}`, `p${at}`),
);

const hex = 'a'.repeat(64);
const hostile = [
  'registry.example.com.evil.com/x',
  'registry.example.comevil/x',
  'registry.example.com:5000/x',
  'registry.example.com@evil.com/x',
  'evil.com/registry.example.com/x',
  'evil.com/docker.io/library/nginx',
  'docker.io.evil.com/library/nginx',
  'docker.io/libraryx/nginx',
  'docker.io/library.evil/nginx',
  'docker.io/library/nginx/extra',
  'docker.io//library/nginx',
  'docker.io/library/../evil/x',
  'registry.example.com/../evil/x',
  'registry.example.com/./x',
  'registry.example.com//x',
  'registry.example.com/x/',
  'REGISTRY.EXAMPLE.COM/x',
  'Registry.example.com/x',
  'registry.example.com./x',
  '.registry.example.com/x',
  'quay.io/teamevil/x',
  'quay.io/team',
  'quay.io/team:1',
  `quay.io/team@sha256:${hex}`,
  'quay.io/team-evil:1',
  'quay.io/team/../evil',
  'quay.io/me/app',
  'quay.io/me/app/more',
  'quay.io/me/you/app',
  'QUAY.IO/team/x',
  'index.docker.io/nginx',
  'index.docker.io/evil/nginx',
  'INDEX.DOCKER.IO/library/nginx',
  'Docker.io/library/nginx',
  'registry-1.docker.io/library/nginx',
  'docker.io:443/library/nginx',
  'library/nginx',
  'library/nginx/x',
  'nginx:latest',
  `nginx:latest@sha256:${hex}`,
  `nginx@sha256:${hex}`,
  `nginx@sha256:${hex}0`,
  `nginx:dev-1@sha256:${hex}`,
  'nginx:dev-1',
  'nginx:1.0-SNAPSHOT',
  'nginx:LATEST',
  `nginx@sha512:${'b'.repeat(128)}`,
  `nginx@md5:${'b'.repeat(32)}`,
  hex,
  `${hex}:1`,
  `library/${hex}`,
  `sha256:${hex}`,
  'nginx:1@',
  'nginx@1',
  'a@b/c',
  'user:password@registry.example.com/x',
  'https://registry.example.com/x',
  'registry.example.com/x?tag=1',
  'registry.example.com/x#y',
  'registry.example.com/x%2f..%2fevil',
  'registry.example.com\\x',
  'registry.example.com\u2215x',
  'registr\u0443.example.com/x',
  'registry.example.com/x\u0000',
  'registry.example.com/x\ny',
  'x\nregistry.example.com/x',
  'docker.io/library/nginx\n',
  '"; true || "',
  '") || true //',
  '`+true+`',
  '${jndi}',
  'reg_x.io/y',
  'reg:5000/x/y:1',
  'reg:5001/x',
  'reg/x',
  '[::1]:5000/x',
  '[::1]/x',
  '[::2]:5000/x',
  '[2001:db8::1]/a/b:1',
  '[2001:DB8::1]/a',
  'localhost/x',
  'localhost/xy',
  'localhost:5000/x',
  'LOCALHOST/x',
  'bitnami/nginx',
  'bitnami/nginx:1',
  'bitnamievil/nginx:1',
  'EVIL.example.com/x',
  'evil.example.com/x',
  'a.evil.example.com/x',
  'x.EVIL.com/y:1',
  'reg.io/team/a:1',
  'REG.io/team/a:1',
  'reg.io/teams/a:1',
  'REG.IO/a:1',
  'reg.io:443/team',
  'reg.io:443/team/a/b',
  'reg.io:443/xteam/a',
  'a.b/c',
  'a.b/x/y/c:1',
  'a.b/c/d',
  'a.b/xc',
  'gcr.io/x:1',
  'GCR.IO/x:1',
  'good.com/x:1',
  'GOOD.com/x:1',
  'bad.com/x:1',
  'x.io/x:1',
  'x.io/x/y:1',
  '127.0.0.1/x',
  '127.0.0.1:80/x',
  'docker.io/library/boxx:1',
  `docker.io/${'a/'.repeat(127)}a`,
  `docker.io/${'a/'.repeat(128)}a`,
  'a'.repeat(247),
  'a'.repeat(248),
  `nginx:${'a'.repeat(128)}`,
  `nginx:${'a'.repeat(129)}`,
  'a'.repeat(100_000),
  `${'a-'.repeat(5000)}/x`,
];

/** Names that mean to get past a rule, beside every name of the recordings where those are here. */
export function names(): readonly string[] {
  const recorded = sharedPath('data', 'recordings', 'references.json');
  const rows: readonly { readonly image: string }[] =
    recorded === undefined ? [] : JSON.parse(readFileSync(recorded, 'utf8'));
  return [...new Set([...rows.map(({ image }) => image), ...hostile])];
}

/** The object before an update, or nothing for one that is created, and the object itself. */
export interface Case {
  readonly what: string;
  readonly namespace: string;
  readonly object: JsonObject;
  readonly before?: JsonObject;
}

/** Where an image can stand in a pod. */
export const slots = ['containers', 'initContainers', 'ephemeralContainers', 'volumes'] as const;
export type Slot = (typeof slots)[number];

const good = 'registry.example.com/good:1';

/** A pod's specification with the image in one place; all others are good. */
export function podSpec(image: string, slot: Slot): JsonObject {
  const container = (name: string, of: string): JsonObject => ({ name, image: of });
  const main = [container('main', slot === 'containers' ? image : good)];
  if (slot === 'containers') return { containers: [container('other', good), ...main] };
  if (slot === 'volumes') return { containers: main, volumes: [{ name: 'v', image: { reference: image } }] };
  if (slot === 'initContainers') return { containers: main, initContainers: [container('init', image)] };
  return { containers: main, ephemeralContainers: [container('debug', image)] };
}

/** Kinds that make pods: where they are created, and the object around a pod's specification. */
export const kinds: readonly {
  readonly kind: string;
  readonly path: string;
  readonly wrap: (spec: JsonObject, labels: JsonObject) => JsonObject;
}[] = [
  { kind: 'Pod', path: 'api/v1', wrap: (spec, labels) => head('v1', 'Pod', { spec }, labels) },
  workload('ReplicationController', 'v1', 'api/v1', (of, labels) => ({ selector: labels, template: of })),
  {
    kind: 'PodTemplate',
    path: 'api/v1',
    wrap: (spec, labels) => head('v1', 'PodTemplate', { template: template(spec, labels) }),
  },
  ...['Deployment', 'DaemonSet', 'ReplicaSet'].map((kind) => workload(kind, 'apps/v1', 'apis/apps/v1', selected)),
  workload('StatefulSet', 'apps/v1', 'apis/apps/v1', (of, labels) => ({ ...selected(of, labels), serviceName: 's' })),
  workload('Job', 'batch/v1', 'apis/batch/v1', (of) => ({ template: once(of) })),
  workload('CronJob', 'batch/v1', 'apis/batch/v1', (of) => ({
    schedule: '0 0 * * *',
    jobTemplate: { spec: { template: once(of) } },
  })),
];

type Template = { readonly metadata: JsonObject; readonly spec: JsonObject };

function workload(
  kind: string,
  apiVersion: string,
  path: string,
  specOf: (of: Template, labels: JsonObject) => JsonObject,
): (typeof kinds)[number] {
  const wrap = (spec: JsonObject, labels: JsonObject): JsonObject =>
    head(apiVersion, kind, { spec: specOf(template(spec, labels), labels) });
  return { kind, path, wrap };
}

function selected(of: Template, labels: JsonObject): JsonObject {
  return { selector: { matchLabels: labels }, template: of };
}

function once(of: Template): JsonObject {
  return { ...of, spec: { ...of.spec, restartPolicy: 'Never' } };
}

function template(spec: JsonObject, labels: JsonObject): Template {
  return { metadata: { labels }, spec };
}

function head(apiVersion: string, kind: string, rest: JsonObject, labels?: JsonObject): JsonObject {
  return { apiVersion, kind, metadata: { name: 'x', ...(labels === undefined ? {} : { labels }) }, ...rest };
}

/** What the policy says itself: does it refuse, does it warn? */
export function expected(
  policy: Policy,
  { object, before, namespace }: Case,
): { readonly denies: boolean; readonly warns: boolean } {
  const [one] = objectsOf(object);
  const [old] = before === undefined ? [] : objectsOf(before);
  if (one === undefined) throw new Error('no object');
  const decision = evaluatePolicy(policy, subjectOfObject(one, { before: old, namespace }), { now });
  return { denies: decision.outcome !== 'pass', warns: decision.warnings.length > 0 };
}
