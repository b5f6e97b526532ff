import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import { sharedIsAbsent, sharedPath } from '../../test/support/paths.js';
import { evaluatePolicy, parsePolicy, type Policy } from '../policy/index.js';
import { judgeReview, readAdmissionReview, readImageReview, type AdmissionVerdict, type ReadReview } from './index.js';

const now = new Date('2026-11-24T12:00:00Z');

function policyOf(rules: string): Policy {
  return parsePolicy(`apiVersion: tidewaiter.dev/v1\nkind: Policy\nmetadata: {name: p}\nrules:\n${rules}`, 'policy');
}

async function verdict(read: ReadReview, policy: Policy): Promise<AdmissionVerdict | 'malformed'> {
  if (read.kind !== 'review') return 'malformed';
  return await judgeReview(read.review, { policy, exemptNamespaces: new Set() }, { now, deadline: Infinity });
}

async function lets(read: ReadReview, policy: Policy): Promise<boolean> {
  const judged = await verdict(read, policy);
  return judged !== 'malformed' && judged.allowed;
}

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function imageReview(images: readonly string[], namespace?: string): ReadReview {
  const containers = images.map((image) => ({ image }));
  const spec = { containers, ...(namespace === undefined ? {} : { namespace }) };
  return readImageReview(bytes({ kind: 'ImageReview', apiVersion: 'imagepolicy.k8s.io/v1alpha1', spec }), 1e7);
}

interface Asked {
  readonly apiVersion: string;
  readonly kind: string;
  readonly rest: object;
  readonly subResource?: string;
  readonly namespace?: string | undefined;
  readonly operation?: string;
  readonly oldObject?: object;
}

function admissionReview({ apiVersion, kind, rest, subResource, namespace = 'shop', ...more }: Asked): ReadReview {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const request = {
    uid: 'u',
    kind: { group, version, kind },
    resource: { group, version, resource: `${kind.toLowerCase()}s` },
    subResource,
    namespace,
    operation: 'CREATE',
    object: { apiVersion, kind, metadata: { name: 'x' }, ...rest },
    ...more,
  };
  return readAdmissionReview(bytes({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request }), 1e7);
}

type SpecOf = (image: string) => object;

const good = { name: 'good', image: 'good.example/a:1' };
const slots: Readonly<Record<string, SpecOf>> = {
  container: (image) => ({ containers: [good, { name: 'c', image }] }),
  initContainer: (image) => ({ containers: [good], initContainers: [{ name: 'c', image }] }),
  sidecar: (image) => ({ containers: [good], initContainers: [{ name: 'c', image, restartPolicy: 'Always' }] }),
  ephemeralContainer: (image) => ({ containers: [good], ephemeralContainers: [{ name: 'c', image }] }),
  imageVolume: (image) => ({ containers: [good], volumes: [{ name: 'v', image: { reference: image } }] }),
};

const template = (spec: object): object => ({ spec: { template: { metadata: { labels: { a: 'b' } }, spec } } });
const kinds: readonly (readonly [string, string, (spec: object) => object])[] = [
  ['v1', 'Pod', (spec) => ({ spec })],
  ['v1', 'PodTemplate', (spec) => ({ template: { spec } })],
  ['v1', 'ReplicationController', template],
  ['apps/v1', 'Deployment', template],
  ['apps/v1', 'DaemonSet', template],
  ['apps/v1', 'StatefulSet', template],
  ['apps/v1', 'ReplicaSet', template],
  ['batch/v1', 'Job', template],
  ['batch/v1', 'CronJob', (spec) => ({ spec: { jobTemplate: template(spec) } })],
  ['argoproj.io/v1alpha1', 'Rollout', template],
  ['example.com/v1', 'Fleet', (spec) => ({ spec: { groups: [{ deep: { podSpec: spec } }] } })],
];

/** An image in every place of every kind, and in the old form of ephemeral containers. */
function* everywhere(image: string): Iterable<readonly [string, ReadReview]> {
  for (const [apiVersion, kind, around] of kinds) {
    for (const [slot, specOf] of Object.entries(slots)) {
      yield [`${kind} ${slot}`, admissionReview({ apiVersion, kind, rest: around(specOf(image)) })];
    }
  }
  const old = { ephemeralContainers: [{ name: 'e', image }] };
  const asked = { apiVersion: 'v1', kind: 'EphemeralContainers', rest: old, subResource: 'ephemeralcontainers' };
  yield ['EphemeralContainers', admissionReview({ ...asked, operation: 'UPDATE' })];
  const pod = slots['ephemeralContainer']?.(image) ?? {};
  const update = { apiVersion: 'v1', kind: 'Pod', rest: { spec: pod }, subResource: 'ephemeralcontainers' };
  const before = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [good] } };
  yield ['Pod update', admissionReview({ ...update, operation: 'UPDATE', oldObject: before })];
  yield ['ImageReview', imageReview(['good.example/a:1', image])];
}

interface Row {
  readonly image: string;
  readonly domain?: string | null;
  readonly repository?: string;
}

void test('every text of an image in every place', {
  skip: sharedPath('data') === undefined && sharedIsAbsent,
}, async () => {
  const file = sharedPath('data', 'recordings', 'references.json') ?? '';
  const rows = JSON.parse(readFileSync(file, 'utf8')) as readonly Row[];
  const policy = policyOf('  - {name: r, registries: {allow: [good.example, reg.io, docker.io/library]}}\n');
  let allowed = 0;
  for (const { image, domain, repository = '' } of rows) {
    const isOurs = domain === 'reg.io' || (domain === 'docker.io' && repository.startsWith('library/'));
    const outcomes = new Set<boolean>();
    for (const [place, read] of everywhere(image)) {
      const outcome = await lets(read, policy);
      outcomes.add(outcome);
      assert.ok(isOurs || !outcome, `${JSON.stringify(image)} passes as ${place}`);
    }
    // A few forms that the parser takes are refused on purpose; in every place alike.
    assert.equal(outcomes.size, 1, image);
    if (outcomes.has(true)) allowed++;
  }
  assert.ok(rows.length >= 120 && allowed >= 30, `${allowed} of ${rows.length}`);
});

void test('both protocols say what the policy says', async () => {
  const image = fc
    .tuple(
      fc.constantFrom(
        'good.example',
        'evil.example',
        'docker.io',
        'index.docker.io',
        'good.example:5000',
        'GOOD.example',
        '',
      ),
      fc.constantFrom('library/nginx', 'nginx', 'team/app', 'team', 'Team/app', 'team//app', ''),
      fc.constantFrom('', ':1', ':latest', ':', `@sha256:${'a'.repeat(64)}`, ' '),
    )
    .map(([registry, path, end]) => `${registry}${registry === '' ? '' : '/'}${path}${end}`);
  const rule = fc.constantFrom(
    'registries: {allow: [good.example, docker.io/library]}',
    'registries: {deny: [evil.example]}',
    'registries: {allow: [good.example/team], deny: ["docker.io/**"]}',
    'official: true',
    'tags: {deny: [latest]}',
    'digest: true',
  );
  const more = fc.constantFrom(
    '',
    ', action: warn',
    ', match: {namespaces: [shop]}',
    ', exclude: {namespaces: ["s*"]}',
  );
  const rules = fc.array(fc.tuple(rule, more), { minLength: 1, maxLength: 3 });
  const cases = fc.tuple(fc.array(image, { minLength: 1, maxLength: 4 }), rules, fc.constantFrom('shop', 'other'));
  await fc.assert(
    fc.asyncProperty(cases, async ([images, chosen, namespace]) => {
      const policy = policyOf(chosen.map(([what, how], at) => `  - {name: r${at}, ${what}${how}}\n`).join(''));
      const subject = { images: images.map((text) => ({ text })), namespace };
      const expected = evaluatePolicy(policy, subject, { now }).outcome === 'pass';
      const spec = { containers: images.map((text, at) => ({ name: `c${at}`, image: text })) };
      const pod = admissionReview({ apiVersion: 'v1', kind: 'Pod', rest: { spec }, namespace });
      assert.equal(await lets(pod, policy), expected);
      assert.equal(await lets(imageReview(images, namespace), policy), expected);
    }),
    { numRuns: Number(process.env['TIDEWAITER_AGREEMENTS'] ?? 1500), seed: 1 },
  );
});
