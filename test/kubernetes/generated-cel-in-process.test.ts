import assert from 'node:assert/strict';
import test from 'node:test';
import { Environment } from '@marcbachmann/cel-js';
import * as fc from 'fast-check';
import { RE2JS } from 're2js';
import { FaultList, generateAllowlist, readDocuments } from '../../src/control-plane/index.js';
import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../src/formats/index.js';
import type { Policy } from '../../src/policy/index.js';
import { expected, kinds, names, now, podSpec, policies, slots, type Case } from './generated-cases.js';

const seed = 20261124;

/** One expression of the generated policy, over what an API server hands to it. */
type Program = (facts: Readonly<Record<string, unknown>>) => unknown;

interface GeneratedPolicy {
  readonly actions: readonly string[];
  readonly variables: readonly (readonly [string, Program])[];
  readonly validations: readonly { readonly holds: Program; readonly message: Program | undefined }[];
  readonly matchConditions: readonly Program[];
}

/** What Kubernetes knows of types there: nothing, of any of these. */
const environment = new Environment({ homogeneousAggregateLiterals: false })
  .registerVariable('object', 'dyn')
  .registerVariable('oldObject', 'dyn')
  .registerVariable('request', 'dyn')
  .registerVariable('variables', 'dyn')
  .registerFunction('string.matchesRe2(string): bool', (text: string, pattern: string) => re2(pattern).test(text));

const patterns = new Map<string, RE2JS>();

/** Kubernetes has patterns of RE2, and the library at hand those of JavaScript. */
function re2(pattern: string): RE2JS {
  const made = patterns.get(pattern) ?? RE2JS.compile(pattern);
  patterns.set(pattern, made);
  return made;
}

function program(text: string): Program {
  const parsed = environment.parse(text.replaceAll('.matches(', '.matchesRe2('));
  const checked = parsed.check();
  assert.ok(checked.valid, `${text}: ${checked.error?.message}`);
  return (facts) => parsed(facts) as unknown;
}

/** Read from the very files that would be applied. */
function generated(policy: Policy): readonly GeneratedPolicy[] {
  const { files } = generateAllowlist(policy, { form: 'cel', now, excludedNamespaces: ['kube-system'] });
  const objects = files.flatMap(({ name, text }) =>
    readDocuments(text, name, new FaultList()).map(({ value }) => asObject(value) ?? {}),
  );
  const bindings = objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
  return objects
    .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
    .map((object): GeneratedPolicy => {
      const name = asObject(object['metadata'])?.['name'];
      const binding = bindings.find(({ spec }) => asObject(spec)?.['policyName'] === name);
      const spec = asObject(object['spec']) ?? {};
      assert.equal(spec['failurePolicy'], 'Fail');
      return {
        actions: texts(asObject(binding?.['spec'])?.['validationActions']),
        variables: parts(spec['variables']).map((one) => [textOf(one['name']), program(textOf(one['expression']))]),
        validations: parts(spec['validations']).map((one) => ({
          holds: program(textOf(one['expression'])),
          message: one['messageExpression'] === undefined ? undefined : program(textOf(one['messageExpression'])),
        })),
        matchConditions: parts(spec['matchConditions']).map((one) => program(textOf(one['expression']))),
      };
    });
}

function parts(value: JsonValue | undefined): readonly JsonObject[] {
  return (asArray(value) ?? []).map((one) => asObject(one) ?? {});
}

function texts(value: JsonValue | undefined): readonly string[] {
  return (asArray(value) ?? []).map(textOf);
}

function textOf(value: JsonValue | undefined): string {
  const text = asString(value);
  assert.ok(text !== undefined);
  return text;
}

/** Does it refuse, does it warn? As an API server goes about it: variables when they are asked for, once. */
function judged(all: readonly GeneratedPolicy[], one: Case): { readonly denies: boolean; readonly warns: boolean } {
  const request = { operation: one.before === undefined ? 'CREATE' : 'UPDATE', namespace: one.namespace };
  const failed = all.filter(({ variables, validations, matchConditions }) => {
    const values: Record<string, unknown> = {};
    const facts = { object: one.object, oldObject: one.before ?? null, request, variables: values };
    for (const [name, run] of variables) {
      Object.defineProperty(values, name, {
        enumerable: true,
        configurable: true,
        get() {
          const value = run(facts);
          Object.defineProperty(values, name, { value, enumerable: true });
          return value;
        },
      });
    }
    if (!matchConditions.every((run) => run(facts) === true)) return false;
    const broken = validations.filter(({ holds }) => holds(facts) !== true);
    for (const { message } of broken) assert.ok(message === undefined || typeof message(facts) === 'string');
    return broken.length > 0;
  });
  const does = (action: string): boolean => failed.some(({ actions }) => actions.includes(action));
  return { denies: does('Deny'), warns: does('Warn') };
}

const labels: readonly JsonObject[] = [
  { tier: 'prod', 'app.kubernetes.io/name': 'x' },
  { tier: 'prod' },
  { other: 'x' },
  {},
  { tier: '"]) || (true', 'a"\\b`': "'x`\u2028" },
];

/** Names that nobody thought of, of the pieces that names are made of. */
const pieces = [
  'registry.example.com docker.io index.docker.io quay.io reg.io a.b [::1] localhost library nginx team x / / / : : 5000'.split(
    ' ',
  ),
  '1.0 latest dev-1 @ . - _ A .. // \u00e9 sha256: " \\ ` * ^ $'.split(' '),
  [' ', `@sha256:${'a'.repeat(64)}`],
].flat();

const madeUp = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((some) => some.join(''));

/** Every name in every kind, in one place after the other, when it is made and when it changes. */
function* casesOf(policy: Policy): Generator<Case> {
  let at = 0;
  const all = [...new Set(names().concat(fc.sample(madeUp, { numRuns: 60, seed })))];
  for (const image of all) {
    // What takes long is looked at once.
    for (const { kind, wrap } of image.length > 5000 ? kinds.slice(0, 1) : kinds) {
      const slot = slots[at % slots.length] ?? 'containers';
      const namespace = `${policy.name}-${at % 2 === 0 ? 'team' : 'other'}`;
      const podLabels = labels[at % labels.length] ?? {};
      at++;
      // The API server drops a field that is empty.
      if (slot === 'volumes' && image === '') continue;
      const object = wrap(podSpec(image, slot), podLabels);
      const what = `${kind} ${slot} ${JSON.stringify(image.slice(0, 100))} in ${namespace}`;
      yield { what, namespace, object };
      const earlier = at % 3 === 0 ? image : (all[at % all.length] ?? 'nginx');
      if (earlier === '' || image.length > 5000) continue;
      const before = wrap(
        podSpec(earlier, slots[(at % 3 === 0 ? at - 1 : at) % slots.length] ?? 'containers'),
        podLabels,
      );
      yield { what: `${what}, was ${JSON.stringify(earlier.slice(0, 100))}`, namespace, object, before };
    }
  }
}

test('generated CEL, evaluated here, answers as the policy does in ten thousand cases and more', (t) => {
  let cases = 0;
  const seen = { denies: 0, warns: 0, passes: 0 };
  for (const policy of policies) {
    const programs = generated(policy);
    const wrong: string[] = [];
    for (const one of casesOf(policy)) {
      cases++;
      const wanted = expected(policy, one);
      const { denies, warns } = judged(programs, one);
      if (denies !== wanted.denies || (!denies && warns !== wanted.warns)) {
        wrong.push(
          `${policy.name}: ${one.what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify({ denies, warns })}`,
        );
      }
      seen[denies ? 'denies' : warns ? 'warns' : 'passes']++;
    }
    assert.deepEqual(wrong.slice(0, 20), []);
  }
  assert.ok(cases >= 10_000, `${cases}`);
  for (const [kind, count] of Object.entries(seen)) assert.ok(count > 100, `${kind}: ${count}`);
  t.diagnostic(`${cases} objects judged alike`);
});
