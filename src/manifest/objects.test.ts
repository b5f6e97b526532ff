import assert from 'node:assert/strict';
import test from 'node:test';
import { readYamlStream } from '../formats/index.js';
import { objectsOf } from './kubernetes-object.js';
import { containersOf, podSpecsOf } from './pod-specs.js';

function specsIn(text: string): readonly string[] {
  return [...readYamlStream(text)].flatMap((part) =>
    part.kind !== 'document'
      ? []
      : objectsOf(part.value).flatMap((object) =>
          podSpecsOf(object).map((pod) => {
            const containers = containersOf(pod).map(
              ({ path, name }) => `${path.slice(pod.path.length).join('.')}=${name ?? ''}`,
            );
            return `${object.kind} ${pod.path.join('.')}${pod.byShape ? ' by shape' : ''}: ${containers.join(' ')}`;
          }),
        ),
  );
}

const spec =
  '{containers: [{name: a, image: i}], initContainers: [{name: b, image: i}], ephemeralContainers: [{name: c, image: i}]}';
const three = 'initContainers.0=b containers.0=a ephemeralContainers.0=c';

void test('pod specs of every kind', () => {
  const kind = (apiVersion: string, name: string, rest: string) =>
    `apiVersion: ${apiVersion}\nkind: ${name}\n${rest}\n`;
  assert.deepEqual(specsIn(kind('v1', 'Pod', `spec: ${spec}`)), [`Pod spec: ${three}`]);
  assert.deepEqual(specsIn(kind('v1', 'PodTemplate', `template: {spec: ${spec}}`)), [
    `PodTemplate template.spec: ${three}`,
  ]);
  for (const [apiVersion, name] of [
    ['apps/v1', 'Deployment'],
    ['apps/v1', 'StatefulSet'],
    ['apps/v1', 'DaemonSet'],
    ['apps/v1', 'ReplicaSet'],
    ['v1', 'ReplicationController'],
    ['batch/v1', 'Job'],
    ['extensions/v1beta1', 'Deployment'],
  ] as const) {
    assert.deepEqual(specsIn(kind(apiVersion, name, `spec: {template: {spec: ${spec}}}`)), [
      `${name} spec.template.spec: ${three}`,
    ]);
  }
  assert.deepEqual(specsIn(kind('batch/v1', 'CronJob', `spec: {jobTemplate: {spec: {template: {spec: ${spec}}}}}`)), [
    `CronJob spec.jobTemplate.spec.template.spec: ${three}`,
  ]);
});

void test('pod templates inside other kinds are found by their shape', () => {
  const text = `apiVersion: example.com/v1\nkind: Rollout\nspec: {roles: [{template: {metadata: {}, spec: ${spec}}}, {template: {spec: ${spec}}}], containers: [a, b]}\n`;
  assert.deepEqual(specsIn(text), [
    `Rollout spec.roles.0.template.spec by shape: ${three}`,
    `Rollout spec.roles.1.template.spec by shape: ${three}`,
  ]);
  assert.deepEqual(specsIn(`apiVersion: serving.knative.dev/v1\nkind: Deployment\nspec: {inner: ${spec}}\n`), [
    `Deployment spec.inner by shape: ${three}`,
  ]);
  assert.deepEqual(specsIn('apiVersion: v1\nkind: ConfigMap\ndata: {containers: [{name: a, image: i}]}\n'), []);
  for (const name of ['ConfigMap', 'Secret', 'CustomResourceDefinition']) {
    assert.deepEqual(specsIn(`apiVersion: example.com/v1\nkind: ${name}\nspec: ${spec}\n`), [
      `${name} spec by shape: ${three}`,
    ]);
  }
  assert.deepEqual(
    specsIn(`apiVersion: example.com/v1\nkind: Nest\nspec: {containers: [{image: i}], more: {pod: ${spec}}}\n`),
    ['Nest spec by shape: containers.0=', `Nest spec.more.pod by shape: ${three}`],
  );
  const deep = `${'{a: '.repeat(150)}${spec}${'}'.repeat(150)}`;
  assert.equal(specsIn(`apiVersion: example.com/v1\nkind: Deep\nspec: ${deep}\n`).length, 1);
});

void test('lists are their items, also in each other', () => {
  const item = `{apiVersion: v1, kind: Pod, spec: ${spec}}`;
  const text = `apiVersion: v1\nkind: List\nitems: [${item}, {apiVersion: v1, kind: PodList, items: [{spec: ${spec}}]}, 5, null]\n`;
  assert.deepEqual(specsIn(text), [`Pod items.0.spec: ${three}`, `Pod items.1.items.0.spec: ${three}`]);
});

void test('what is no object, or of other types than it should be, gives nothing and breaks nothing', () => {
  for (const text of [
    '[1]',
    'x',
    'kind: Pod',
    'kind: Pod\napiVersion: v1\nspec: []',
    'kind: [Pod]\nspec: {containers: x}',
    'apiVersion: v1\nkind: Pod\nspec: {containers: {a: b}, initContainers: [1, null, [x]]}',
  ]) {
    for (const line of specsIn(text)) assert.equal(line, 'Pod spec: ');
  }
});
