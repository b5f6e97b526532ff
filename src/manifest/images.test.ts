import assert from 'node:assert/strict';
import test from 'node:test';
import { readYamlStream } from '../formats/index.js';
import { imagesOfDocument, placeOfImage, type ManifestImage } from './images.js';

interface Placed extends ManifestImage {
  readonly line: number;
}

const images = (yaml: string): readonly Placed[] =>
  [...readYamlStream(yaml)].flatMap((part) =>
    part.kind === 'document'
      ? imagesOfDocument(part.value).map((image) => ({ ...image, line: placeOfImage(part, image).line }))
      : [],
  );

test('every slot of every kind is listed with what it means and where it stands', () => {
  const yaml = `apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  template:
    spec:
      initContainers:
      - {name: i, image: busybox}
      containers:
      - name: c
        image: ghcr.io/x/y:2
      ephemeralContainers:
      - {name: e, image: "a/b@sha256:${'a'.repeat(64)}"}
      volumes:
      - name: v
        image: {reference: quay.io/data/set:1}
      - name: w
        emptyDir: {}
---
apiVersion: example.com/v1
kind: Runner
metadata: {name: r}
spec: {pool: [{pod: {containers: [{name: z, image: nginx}]}}]}
---
kind: List
apiVersion: v1
items:
- {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: q, image: nginx:1}]}}
`;
  assert.deepEqual(
    images(yaml).map(({ slot, name, canonical, line, object }) => [object.kind, slot, name, canonical, line]),
    [
      ['Deployment', 'initContainer', 'i', 'docker.io/library/busybox:latest', 8],
      ['Deployment', 'container', 'c', 'ghcr.io/x/y:2', 11],
      ['Deployment', 'ephemeralContainer', 'e', `docker.io/a/b@sha256:${'a'.repeat(64)}`, 13],
      ['Deployment', 'imageVolume', 'v', 'quay.io/data/set:1', 16],
      ['Runner', 'container', 'z', 'docker.io/library/nginx:latest', 23],
      ['Pod', 'container', 'q', 'docker.io/library/nginx:1', 28],
    ],
  );
});

for (const value of ['""', '" nginx"', '"nginx "', '5', 'true', 'null', '[]', '{}', 'Nginx', 'nginx:', '"a b"']) {
  test(`an image of ${value} is returned as a problem`, () => {
    const [image, ...more] = images(
      `{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: ${value}}], volumes: []}}`,
    );
    assert.equal(more.length, 0);
    assert.equal(image?.canonical, undefined);
    assert.notEqual(image?.problem, undefined);
    assert.equal(image?.name, 'a');
  });
}

test('what stands where containers and volumes should be is a problem too', () => {
  const pod = (spec: string): string => `{apiVersion: v1, kind: Pod, spec: {${spec}}}`;
  for (const spec of [
    'containers: {}',
    'containers: [nginx]',
    'containers: [null]',
    'containers: [], initContainers: nginx',
    'containers: [], ephemeralContainers: 5',
    'containers: [], volumes: {}',
    'containers: [], volumes: [x]',
    'containers: [], volumes: [{name: v, image: nginx}]',
    'containers: [], volumes: [{name: v, image: {}}]',
    'containers: [{name: a}]',
  ]) {
    const found = images(pod(spec));
    assert.equal(found.length, 1, spec);
    assert.notEqual(found[0]?.problem, undefined, spec);
  }
});

test('custom resources whose containers have no name, or are only init containers, are found too', () => {
  const yaml = `apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: s}
spec: {template: {spec: {containers: [{image: nginx}]}}}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: p}
spec:
  initContainers: [{name: i, image: busybox}]
  containers: [{name: prometheus, securityContext: {privileged: true}}]
---
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: v}
spec: {containers: [{name: only-referred-to}]}
`;
  assert.deepEqual(
    images(yaml).map(({ object, slot, name, text }) => [object.kind, slot, name, text]),
    [
      ['Service', 'container', undefined, 'nginx'],
      ['Prometheus', 'initContainer', 'i', 'busybox'],
    ],
  );
});
