import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import * as fc from 'fast-check';
import { judgeReview, readReplayCases, type AdmissionVerdict, type Judge } from '../../src/admission/index.js';
import { checkManifests } from '../../src/cli/check-manifests.js';
import { createContext } from '../../src/core/index.js';
import * as expressions from '../../src/expressions/index.js';
import type { JsonObject, JsonValue } from '../../src/formats/index.js';
import { evaluatePolicy, parsePolicy, type Policy } from '../../src/policy/index.js';
import { temporaryFolder } from '../support/paths.js';

const now = new Date('2026-12-01T00:00:00Z');
const seed = 20261201;

/** What may stand where the API has something else. */
const odd: readonly JsonValue[] = [
  null,
  true,
  0,
  1.5,
  '',
  ' ',
  'x',
  [],
  [null],
  {},
  { a: 'b' },
  [{}],
  ['nginx'],
  [[]],
  'nginx:1',
  'registry.good/a:1 ',
];

const images = [
  'registry.good/a:1',
  'registry.good/b:2',
  'quay.io/team/c:3',
  'nginx',
  'registry.good/X',
  'registry.good/a:latest',
];

const policies: readonly Policy[] = [
  '[{name: ours, registries: {allow: [registry.good, quay.io/team]}}]',
  '[{name: ours, registries: {allow: [registry.good, quay.io/team]}, match: {labels: {app: web}}}]',
  '[{name: tags, tags: {deny: [latest]}}, {name: levels, podSecurity: baseline}]',
  '[{name: ours, registries: {deny: [quay.io]}, exclude: {labels: {tier: "*"}}}, {name: k, kubesec: {minScore: 0}}]',
  '[{name: m, manifest: {rules: [privileged-container, host-network]}}, {name: d, digest: true, action: warn}]',
  '[{name: soft, registries: {allow: [registry.good]}, action: warn, hardensOn: 2027-01-01}]',
  `[{name: e, expressions: ['podSpec.containers.all(c, c.image != "nginx")', 'image.registry != "quay.io"']}]`,
  `[{name: e, expressions: ['has(object.metadata) && !("tier" in labels)', 'images.all(i, i.tag != "latest")'], action: deny}]`,
].map((rules, at) =>
  parsePolicy(`apiVersion: tidewaiter.dev/v1\nkind: Policy\nrules: ${rules}\n`, `p${at}.yaml`, { expressions }),
);

/** That it is for every object, and denies. */
const policyForAll = 0;

const container = fc
  .record({ image: fc.constantFrom(...images), privileged: fc.boolean(), name: fc.constantFrom('a', 'b', 'c') })
  .map(({ image, privileged, name }) => ({ name, image, ...(privileged ? { securityContext: { privileged } } : {}) }));

const podParts = fc
  .record({
    labels: fc.constantFrom({}, { app: 'web' }, { app: 'web', tier: 'x' }),
    containers: fc.array(container, { minLength: 1, maxLength: 2 }),
    inits: fc.array(container, { maxLength: 1 }),
    ephemeral: fc.array(container, { maxLength: 1 }),
    volume: fc.option(fc.constantFrom(...images)),
    hostNetwork: fc.boolean(),
  })
  .map(({ labels, containers, inits, ephemeral, volume, hostNetwork }) => ({
    metadata: { labels },
    spec: {
      containers,
      ...(inits.length === 0 ? {} : { initContainers: inits }),
      ...(ephemeral.length === 0 ? {} : { ephemeralContainers: ephemeral }),
      ...(volume === null ? {} : { volumes: [{ name: 'v', image: { reference: volume } }] }),
      ...(hostNetwork ? { hostNetwork } : {}),
    },
  }));

const object = fc
  .tuple(fc.constantFrom('Pod', 'Deployment', 'CronJob', 'PodTemplate', 'Job', 'Runner', 'Pair'), podParts, podParts)
  .map(([kind, template, second]): JsonObject => {
    const metadata = { name: 'x', namespace: 'shop' };
    const whole: Readonly<Record<string, object>> = {
      Pod: { apiVersion: 'v1', kind, metadata: { ...metadata, ...template.metadata }, spec: template.spec },
      Deployment: { apiVersion: 'apps/v1', kind, metadata, spec: { selector: {}, template } },
      Job: { apiVersion: 'batch/v1', kind, metadata, spec: { template } },
      CronJob: {
        apiVersion: 'batch/v1',
        kind,
        metadata,
        spec: { schedule: '* * * * *', jobTemplate: { spec: { template } } },
      },
      PodTemplate: { apiVersion: 'v1', kind, metadata, template },
      Runner: { apiVersion: 'ci.example/v1', kind, metadata, spec: { podTemplate: template } },
      Pair: {
        apiVersion: 'ci.example/v1',
        kind,
        metadata,
        spec: { first: { template }, second: { template: second } },
      },
    };
    return structuredClone(whole[kind]) as JsonObject;
  });

/** The same object with one value, anywhere but in its name and kind, replaced by something else or taken away. */
const spoiled = fc
  .tuple(object, fc.nat(), fc.option(fc.constantFrom(...odd), { freq: 5 }))
  .map(([one, at, value]): JsonObject => {
    const places: [Record<string, JsonValue>, string][] = [];
    const visit = (here: JsonValue, isRoot: boolean): void => {
      if (typeof here !== 'object' || here === null) return;
      for (const [key, inner] of Object.entries(here)) {
        if (isRoot && (key === 'apiVersion' || key === 'kind')) continue;
        if (key !== 'name' && key !== 'namespace' && !(isRoot && key === 'metadata'))
          places.push([here as Record<string, JsonValue>, key]);
        visit(inner, false);
      }
    };
    visit(one, true);
    const [parent, key] = places[at % places.length] ?? [];
    if (!parent || key === undefined) return one;
    if (value !== null) parent[key] = value;
    else if (Array.isArray(parent)) parent[key] = null;
    else delete parent[key];
    return one;
  });

/** As an API server asks when it is made. */
async function asked(one: JsonObject, judge: Judge): Promise<AdmissionVerdict | undefined> {
  const [found] = readReplayCases(one, { namespace: undefined });
  if (found?.kind !== 'case') return undefined;
  return await judgeReview(found.review, judge, { now, deadline: Number.POSITIVE_INFINITY });
}

test('what an API server is let create, check passes, and the other way round: spoiled objects, too', async (t) => {
  const whole = 400;
  const objects = [...fc.sample(object, { numRuns: whole, seed }), ...fc.sample(spoiled, { numRuns: 1400, seed })];
  const file = join(temporaryFolder(t), 'all.yaml');
  writeFileSync(file, objects.map((one) => `${JSON.stringify(one)}\n`).join('---\n'));
  const terminal = {} as Parameters<typeof checkManifests>[0]['terminal'];
  const context = { ...createContext(), terminal, environment: {} };
  const byPlace = new Map<string, Parameters<typeof evaluatePolicy>[1][]>();
  for (const { place, subject } of await checkManifests(context, [file], { now, namespace: undefined })) {
    const line = place.slice(file.length + 1);
    byPlace.set(line, [...(byPlace.get(line) ?? []), subject]);
  }
  let cases = 0;
  const seen = { let: 0, refused: 0, unread: 0 };
  for (const [number, policy] of policies.entries()) {
    const judge: Judge = { policy, exemptNamespaces: new Set() };
    const isForAll = number === policyForAll;
    for (const [at, one] of objects.entries()) {
      // Its marker, and its one line.
      const subjects = [2 * at, 2 * at + 1].flatMap((line) => byPlace.get(String(line)) ?? []);
      const decisions = subjects.map((subject) => evaluatePolicy(policy, subject, { now }));
      const verdict = await asked(one, judge);
      const passes = decisions.length > 0 && decisions.every(({ outcome }) => outcome === 'pass');
      const fails = decisions.some(({ outcome }) => outcome === 'fail');
      const words = `policy ${number}, ${verdict?.outcome ?? 'malformed'}: ${JSON.stringify(one)}`;
      assert.ok(decisions.length > 0, words);
      if (verdict?.allowed === true) {
        // The API server itself takes no object of which a part is of another type.
        assert.ok(passes || (!fails && subjects.some(({ unread }) => unread !== undefined)), words);
        seen.let++;
      } else if (verdict) {
        assert.ok(!passes, words);
        seen.refused++;
      } else {
        // Where no rule is for it that denies, check only warns of what it cannot read, or passes it.
        assert.ok(!passes || !isForAll, words);
        seen.unread++;
      }
      if (at < whole) assert.equal(verdict?.allowed, passes, words);
      cases++;
    }
  }
  assert.ok(cases >= 10_000);
  for (const [kind, count] of Object.entries(seen)) assert.ok(count > 500, `${kind}: ${count}`);
});
