import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { asObject, type JsonObject, type JsonValue } from '../../src/formats/index.js';
import { generateAllowlist, readDocuments, FaultList, type AllowlistForm } from '../../src/control-plane/index.js';
import type { Policy } from '../../src/policy/index.js';
import { temporaryFolder } from '../support/paths.js';
import { findProgram } from '../support/real-registry.js';
import { expected, kinds, names, now, podSpec, policies, slots, type Case } from './generated-cases.js';

const opa = findProgram('opa') ?? '';
const skip = opa === '' ? 'there is no opa (TIDEWAITER_PEERS names the folder of it)' : false;

interface Answer {
  readonly deny: readonly string[];
  readonly warn: readonly string[];
}

for (const form of ['rego', 'rego-v0'] as const) {
  test(`what is generated as ${form} answers as the policy does, asked of a real OPA`, { skip }, (t) => {
    // All are the same module in other words: one in full, the others by samples.
    const cases = everyCase().filter((_, index) => form === 'rego' || index % 4 === 0);
    for (const policy of policies) {
      const folder = temporaryFolder(t);
      const { files } = generateAllowlist(policy, { form, now, excludedNamespaces: [] });
      for (const { name, text } of files) writeFileSync(join(folder, name), text);
      const answers = ask(folder, form, cases.map(review), 'data.image_admission');
      compare(policy, cases, answers);
      assert.equal(run(['check', '--strict', ...(form === 'rego' ? [] : ['--v0-compatible']), folder]), '');
    }
    t.diagnostic(`${cases.length} cases for each of ${policies.length} policies`);
  });
}

test('what is generated for Gatekeeper answers as the policy does, asked of a real OPA', { skip }, (t) => {
  const cases = everyCase().filter((_, index) => index % 4 === 1);
  for (const policy of policies) {
    const folder = temporaryFolder(t);
    const { files } = generateAllowlist(policy, { form: 'gatekeeper', now, excludedNamespaces: ['kube-system'] });
    const objects = files.flatMap(({ name, text }) =>
      readDocuments(text, name, new FaultList()).map(({ value }) => asObject(value) ?? {}),
    );
    const template = objects.find((one) => one['kind'] === 'ConstraintTemplate');
    const rego = JSON.stringify(template).match(/"rego":("(?:[^"\\]|\\.)*")/)?.[1];
    writeFileSync(join(folder, 'template.rego'), String(JSON.parse(rego ?? '""')));
    const byAction = objects
      .filter((one) => one['kind'] === 'TidewaiterImages')
      .map((one) => ({
        action: below(one, 'spec', 'enforcementAction'),
        parameters: below(one, 'spec', 'parameters'),
      }));
    const answers: { deny: string[]; warn: string[] }[] = cases.map(() => ({ deny: [], warn: [] }));
    for (const { action, parameters } of byAction) {
      const inputs = cases.map((one) => ({ review: review(one).request, parameters: parameters ?? null }));
      const found = ask(folder, 'gatekeeper', inputs, 'data.tidewaiterimages');
      for (const [index, { deny }] of found.entries()) {
        if (action === 'deny') answers[index]?.deny.push(...deny);
        if (action === 'warn') answers[index]?.warn.push(...deny);
      }
    }
    compare(policy, cases, answers);
  }
});

test('an object without the specification of a pod is refused, and a deletion is not asked about', { skip }, (t) => {
  const folder = temporaryFolder(t);
  const [policy] = policies;
  assert.ok(policy);
  for (const { name, text } of generateAllowlist(policy, { form: 'rego', now, excludedNamespaces: [] }).files) {
    writeFileSync(join(folder, name), text);
  }
  const request = (rest: JsonObject): JsonObject => ({
    request: { uid: 'u', namespace: 'n', operation: 'CREATE', ...rest },
  });
  const inputs = [
    request({ object: { kind: 'Binding', apiVersion: 'v1', target: {} } }),
    request({ object: { kind: 'Pod', apiVersion: 'v1', spec: { containers: [{ name: 'x', image: 5 }] } } }),
    request({ object: {} }),
    request({ operation: 'DELETE', object: null }),
  ];
  const answers = ask(folder, 'rego', inputs, 'data.image_admission');
  assert.deepEqual(
    answers.map(({ deny }) => deny.length > 0),
    [true, true, true, false],
  );
});

test('an API server that asks OPA directly gets a whole AdmissionReview', { skip }, (t) => {
  for (const form of ['rego', 'rego-v0'] as const) {
    const folder = temporaryFolder(t);
    const [policy] = policies;
    assert.ok(policy);
    for (const { name, text } of generateAllowlist(policy, { form, now, excludedNamespaces: [] }).files) {
      writeFileSync(join(folder, name), text);
    }
    const cases = ['bitnami/x:dev-1', 'nginx:3'].map((image) => ({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: 'u1',
        namespace: 'n',
        operation: 'CREATE',
        object: { apiVersion: 'v1', kind: 'Pod', spec: podSpec(image, 'initContainers') },
      },
    }));
    writeFileSync(join(folder, 'data.json'), JSON.stringify({ cases }));
    const compatible = form === 'rego' ? [] : ['--v0-compatible'];
    const query = '[m | one := data.cases[i]; m := data.system.main with input as one]';
    const [refused, admitted] = JSON.parse(run(['eval', ...compatible, '-f', 'raw', '-d', folder, query]));
    assert.equal(refused.apiVersion, 'admission.k8s.io/v1');
    assert.deepEqual(Object.keys(refused.response).sort(), ['allowed', 'status', 'uid', 'warnings']);
    assert.equal(refused.response.allowed, false);
    assert.equal(refused.response.status.code, 403);
    assert.ok(refused.response.status.message.includes('not from an allowed registry: docker.io/bitnami/x:dev-1'));
    assert.deepEqual(admitted.response, { uid: 'u1', allowed: true, warnings: [] });
  }
});

/** Every name in every place of a pod, in other kinds in turn, and updates that change it or do not. */
function everyCase(): readonly Case[] {
  const labels = [{ tier: 'prod', 'app.kubernetes.io/name': 'x' }, { tier: 'prod' }, { other: 'x' }];
  return names().flatMap((image, at): Case[] => {
    const namespace = at % 2 === 0 ? 'p-team' : 'p-other';
    const label = labels[at % labels.length] ?? {};
    return kinds.flatMap(({ kind, wrap }, index): Case[] => {
      const turn = slots[(at + index) % slots.length] ?? 'containers';
      const places = kind === 'Pod' ? slots : (at + index) % 4 === 0 ? [turn] : [];
      return places.flatMap((slot): Case[] => {
        const object = wrap(podSpec(image, slot), label);
        const what = `${kind} ${slot} ${JSON.stringify(image.slice(0, 100))} in ${namespace}`;
        const moved = wrap(podSpec(image, slot === 'containers' ? 'initContainers' : 'containers'), label);
        return [
          { what, namespace, object },
          { what: `${what}, unchanged`, namespace, object, before: object },
          { what: `${what}, moved`, namespace, object, before: moved },
        ].slice(0, at % 5 === 0 ? 3 : 1);
      });
    });
  });
}

function review({ object, before, namespace }: Case): { readonly request: JsonObject } {
  const operation = before === undefined ? 'CREATE' : 'UPDATE';
  return { request: { uid: 'u', namespace, operation, object, oldObject: before ?? null } };
}

function compare(policy: Policy, cases: readonly Case[], answers: readonly Answer[]): void {
  const wrong: string[] = [];
  assert.equal(answers.length, cases.length);
  for (const [index, one] of cases.entries()) {
    const { deny, warn } = answers[index] ?? { deny: [], warn: [] };
    const { denies, warns } = expected(policy, one);
    if (deny.length > 0 !== denies || (!denies && warn.length > 0 !== warns)) {
      wrong.push(
        `${policy.name}: ${one.what}: expected ${JSON.stringify({ denies, warns })}, got ${JSON.stringify({ deny, warn }).slice(0, 300)}`,
      );
    }
  }
  assert.deepEqual(wrong.slice(0, 20), []);
}

function ask(
  folder: string,
  form: AllowlistForm,
  inputs: readonly JsonValue[] | readonly object[],
  of: string,
): readonly Answer[] {
  writeFileSync(join(folder, 'data.json'), JSON.stringify({ cases: inputs }));
  const set = (name: string): string => `${of}.${name} with input as one`;
  const found =
    form === 'gatekeeper' ? `d := [v.msg | v := all[_]]; w := []` : `d := ${set('deny')}; w := ${set('warn')}`;
  const all = form === 'gatekeeper' ? `all := ${set('violation')}; ` : '';
  const query = `[{"deny": d, "warn": w} | one := data.cases[i]; ${all}${found}]`;
  const compatible = form === 'rego' ? [] : ['--v0-compatible'];
  const text = run(['eval', ...compatible, '--strict-builtin-errors', '-f', 'raw', '-d', folder, query]);
  const answers: readonly Answer[] = JSON.parse(text);
  return answers;
}

function run(words: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(opa, words, { encoding: 'utf8', maxBuffer: 512 * 1024 * 1024 });
  assert.equal(status, 0, `${stderr}${stdout.slice(0, 2000)}`);
  return stdout;
}

function below(value: JsonObject, ...path: readonly string[]): JsonValue | undefined {
  let found: JsonValue | undefined = value;
  for (const key of path) found = asObject(found)?.[key];
  return found;
}
