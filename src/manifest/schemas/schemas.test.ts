import assert from 'node:assert/strict';
import test from 'node:test';
import { asObject, asString, readFirstYaml, type JsonObject } from '../../formats/index.js';
import { loadBundledSchemas, tableCheck } from './bundled.js';
import { schemaFileCheck } from './json-schema.js';
import { kindKey } from './schema-table.js';

const table = await loadBundledSchemas();
const check = tableCheck(table);

function objectOf(text: string): JsonObject {
  const part = readFirstYaml(text);
  const object = part.kind === 'document' ? asObject(part.value) : undefined;
  assert.ok(object, text);
  return object;
}

function messageOf(text: string): string | undefined {
  const object = objectOf(text);
  return check(object, asString(object.apiVersion) ?? '', asString(object.kind) ?? '');
}

const head =
  "problem validating schema. Check JSON formatting: jsonschema validation failed with 'https://raw.githubusercontent.com/yannh/kubernetes-json-schema/master/master-standalone-strict/pod-v1.json#'";

const pod = (rest: string): string => `apiVersion: v1\nkind: Pod\n${rest}\n`;

/** What stands below the object, and what follows the head of the message. */
const pods: readonly (readonly [string, string])[] = [
  ['spec: {}', " - at '/spec': missing property 'containers'"],
  ['spec: {containers: [{}]}', " - at '/spec/containers/0': missing property 'name'"],
  ['spec: {foo: 1, containers: []}', " - at '/spec': additional properties 'foo' not allowed"],
  ['x: 1\nz: 2', " - at '': additional properties 'x', 'z' not allowed"],
  ['spec: {hostNetwork: "yes", containers: []}', " - at '/spec/hostNetwork': got string, want null or boolean"],
  [
    'spec: {hostPID: 3, foo: 1, containers: []}',
    " - at '/spec/hostPID': got number, want null or boolean - at '/spec': additional properties 'foo' not allowed",
  ],
  [
    'x: 1\nspec: {hostPID: 3, foo: 1, containers: []}',
    " - at '/spec': validation failed   - at '/spec/hostPID': got number, want null or boolean   - at '/spec': additional properties 'foo' not allowed - at '': additional properties 'x' not allowed",
  ],
  ['spec: {containers: null}', " - at '/spec/containers': got null, want array"],
  ['spec: {containers: [{name: a, args: [1]}]}', " - at '/spec/containers/0/args/0': got number, want null or string"],
  [
    'spec: {containers: [{name: a, resources: {limits: {memory: }}}]}',
    " - at '/spec/containers/0/resources/limits/memory': oneOf failed, subschemas 0, 1 matched",
  ],
  [
    'spec: {containers: [{name: a, livenessProbe: {httpGet: {port: true}}}]}',
    " - at '/spec/containers/0/livenessProbe/httpGet/port': oneOf failed, none matched   - at '/spec/containers/0/livenessProbe/httpGet/port': got boolean, want null or string   - at '/spec/containers/0/livenessProbe/httpGet/port': got boolean, want null or integer",
  ],
  [
    'spec: {terminationGracePeriodSeconds: 1.5, containers: []}',
    " - at '/spec/terminationGracePeriodSeconds': got number, want null or integer",
  ],
  ['metadata: {labels: {"a/b~c": 1}}', " - at '/metadata/labels/a~1b~0c': got number, want null or string"],
  [`metadata: {"it's": 1}`, ` - at '/metadata': additional properties 'it\\'s' not allowed`],
];

void test('what does not fit is told in the words of the original', () => {
  for (const [text, rest] of pods) assert.equal(messageOf(pod(text)), `${head}${rest}\n`, text);
  assert.match(messageOf('apiVersion: v1\nkind: pod\n') ?? '', /'\/kind': value must be 'Pod'\n$/);
  assert.match(
    messageOf('apiVersion: apps.example.com/v1\nkind: ReplicaSet\n') ?? '',
    /'\/apiVersion': value must be 'apps\/v1'/,
  );
  assert.equal(messageOf('apiVersion: extensions/v1beta1\nkind: Deployment\n'), 'could not find schema for Deployment');
  assert.equal(
    messageOf('apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n'),
    'could not find schema for CustomResourceDefinition',
  );
});

const valid: readonly string[] = [
  'apiVersion: v1\nkind: Pod\nmetadata: {name: p, creationTimestamp: null}\nspec: {containers: [{name: a, ports: [{containerPort: 80}], resources: {limits: {cpu: 0.5, memory: 1Gi}}, livenessProbe: {httpGet: {port: http}}}], tolerations: null}\nstatus: {}\n',
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, securityContext: {capabilities: {drop: [ALL]}}}]}}, strategy: {rollingUpdate: {maxSurge: 25%, maxUnavailable: 1}}}\n',
  'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\nspec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}]}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}\n',
  'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]\n',
  'apiVersion: v1\nkind: PodList\nitems: []\n',
];

void test('what fits', () => {
  for (const text of valid) assert.equal(messageOf(text), undefined, text);
});

void test('the table is whole: every type that is named can be read', () => {
  const seen = new Set<number>();
  const visit = (line: number): void => {
    if (seen.has(line)) return;
    seen.add(line);
    const { fields } = table.type(line);
    assert.ok(fields.size > 0, `line ${line}`);
    for (const { code } of fields.values()) {
      assert.match(code, /^[[{]*(?:[sbinqxoa]|\d+)$/);
      const named = /\d+$/.exec(code);
      if (named) visit(Number(named[0]));
    }
  };
  for (const [apiVersion, kind] of [
    ['v1', 'Pod'],
    ['apps/v1', 'StatefulSet'],
    ['batch/v1', 'CronJob'],
    ['policy/v1', 'PodDisruptionBudget'],
  ] as const) {
    const schema = table.kind(kindKey(apiVersion, kind));
    assert.deepEqual([schema?.apiVersion, schema?.kind], [apiVersion, kind]);
    visit(schema?.line ?? -1);
  }
});

void test('schemas in files', () => {
  const schema = objectOf(
    '{"type":"object","required":["a"],"properties":{"a":{"enum":["x",1]},"b":{"$ref":"#/definitions/b"},"c":{"type":["array","null"],"items":{"type":"integer"},"maxItems":1},"d":{"anyOf":[{"type":"string"},{"minimum":3}]}},"additionalProperties":false,"definitions":{"b":{"type":"string","minLength":2}}}',
  );
  const errors = (text: string) =>
    schemaFileCheck(objectOf(text), { location: 'file:///s.json', schema })?.split("s.json#'")[1];
  assert.equal(errors('{a: x, b: yy, c: [1], d: 4}'), undefined);
  assert.equal(errors('{b: yy}'), " - at '': missing property 'a'\n");
  assert.equal(errors('{a: z}'), " - at '/a': value must be one of 'x', 1\n");
  assert.equal(errors('{a: 1, b: q}'), " - at '/b': minLength: got 1, want 2\n");
  assert.equal(errors('{a: 1, c: [x]}'), " - at '/c/0': got string, want integer\n");
  assert.equal(errors('{a: 1, e: 1}'), " - at '': additional properties 'e' not allowed\n");
  const endless = objectOf('{"$ref":"#"}');
  assert.equal(schemaFileCheck(objectOf('{a: 1}'), { location: 'x', schema: endless }), undefined);
});
