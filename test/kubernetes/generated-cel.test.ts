import assert from 'node:assert/strict';
import test from 'node:test';
import { FaultList, generateAllowlist, readDocuments } from '../../src/control-plane/index.js';
import { asArray, asObject, asString, type JsonObject } from '../../src/formats/index.js';
import type { Policy } from '../../src/policy/index.js';
import {
  apiServerIsAbsent,
  findApiServer,
  startApiServer,
  type ApiAnswer,
  type ApiServer,
} from '../support/kube-apiserver.js';
import { temporaryFolder } from '../support/paths.js';
import { expected, kinds, names, now, podSpec, policies, slots, type Case, type Slot } from './generated-cases.js';

test('a generated ValidatingAdmissionPolicy alone answers as the policy does, in a real API server', async (t) => {
  const assets = findApiServer();
  if (assets === undefined) return t.skip(apiServerIsAbsent);
  const server = await startApiServer({ assets, folder: temporaryFolder(t) });
  try {
    for (const policy of policies)
      for (const end of ['team', 'other']) await prepareNamespace(server, `${policy.name}-${end}`);
    for (const policy of policies) await apply(server, policy);
    for (const policy of policies) await untilEnforced(server, policy);
    for (const policy of policies) {
      const wrong: string[] = [];
      let judged = 0;
      await inParallel(casesOf(policy), async (one) => {
        const answer = await ask(server, one);
        if (answer.status === 422 || answer.status === 400) return; // the API server itself takes no such object
        judged++;
        const { denies, warns } = expected(policy, one);
        const isDenied = answer.status === 403;
        const isWarned = answer.warnings.some((words) => words.includes('ValidatingAdmissionPolicy'));
        if (isDenied !== denies || (!denies && isWarned !== warns)) {
          wrong.push(
            `${policy.name}: ${one.what}: expected ${JSON.stringify({ denies, warns })}, got ${answer.status} ${answer.message.slice(0, 400)} ${answer.warnings.join()}`,
          );
        }
      });
      assert.deepEqual(wrong.slice(0, 20), []);
      assert.ok(judged > 500);
      await updates(server, policy);
      t.diagnostic(`${policy.name}: ${judged} objects judged alike`);
    }
  } finally {
    await server.close();
  }
});

interface ApiCase extends Case {
  readonly slot: Slot;
  readonly path: string;
}

/** Every name in every place of a pod, and in another kind in turn. */
function casesOf(policy: Policy): readonly ApiCase[] {
  return names().flatMap((image, at): ApiCase[] => {
    const namespace = `${policy.name}-${at % 2 === 0 ? 'team' : 'other'}`;
    const label = podLabels[at % podLabels.length] ?? {};
    return kinds.flatMap(({ kind, path, wrap }, index): ApiCase[] => {
      const places =
        kind === 'Pod' ? slots : (at + index) % 3 === 0 ? [slots[(at + index) % slots.length] ?? 'volumes'] : [];
      return places.flatMap((slot): ApiCase[] => {
        const isDebug = slot === 'ephemeralContainers';
        // Templates have none, and pods get them once they run.
        if (isDebug && kind !== 'Pod') return [];
        // The API server drops a field that is empty.
        if (slot === 'volumes' && image === '') return [];
        const what = `${kind} ${slot} ${JSON.stringify(image.slice(0, 100))} in ${namespace}`;
        const url = `/${path}/namespaces/${namespace}/${plural(kind)}`;
        const object = named(wrap(podSpec(image, slot), label), isDebug ? running(at) : 'x');
        const before = isDebug ? { before: beforeDebug(label, running(at)) } : {};
        return [{ what, namespace, object, slot, path: url, ...before }];
      });
    });
  });
}

/** Of pods in turn. */
const podLabels: readonly JsonObject[] = [
  { tier: 'prod', 'app.kubernetes.io/name': 'x' },
  { tier: 'prod' },
  { other: 'x' },
];

function plural(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

function running(at: number): string {
  return `running-${at % 3}`;
}

function beforeDebug(labels: JsonObject, name: string): JsonObject {
  return named({ apiVersion: 'v1', kind: 'Pod', metadata: { labels }, spec: podSpecOfRunning }, name);
}

const podSpecOfRunning: JsonObject = { containers: [{ name: 'main', image: 'registry.example.com/good:1' }] };

/** What leaves the images as they were, and what changes one. */
async function updates(server: ApiServer, policy: Policy): Promise<void> {
  for (const [at, labels] of podLabels.entries()) {
    const namespace = `${policy.name}-other`;
    const before = beforeDebug(labels, running(at));
    for (const image of [
      'registry.example.com/good:1',
      'docker.io/library/nginx',
      'evil.com/x:1',
      'registry.example.com/good:2',
    ]) {
      const spec = { containers: [{ name: 'main', image }] };
      const metadata = { name: running(at), labels: { ...labels, changed: 'yes' } };
      const object = { ...before, metadata, spec };
      const answer = await server.ask({
        method: 'PATCH',
        path: `/api/v1/namespaces/${namespace}/pods/${running(at)}?dryRun=All`,
        contentType: 'application/strategic-merge-patch+json',
        body: { metadata: { labels: { changed: 'yes' } }, spec },
      });
      const { denies } = expected(policy, { what: image, namespace, object, before });
      assert.equal(
        answer.status,
        denies ? 403 : 200,
        `${policy.name}: ${JSON.stringify(labels)} ${image}: ${answer.message}`,
      );
    }
  }
}

function named(object: JsonObject, name: string): JsonObject {
  return { ...object, metadata: { ...asObject(object['metadata']), name } };
}

async function ask(server: ApiServer, one: ApiCase): Promise<ApiAnswer> {
  if (one.slot !== 'ephemeralContainers') {
    return await server.ask({ method: 'POST', path: `${one.path}?dryRun=All`, body: one.object });
  }
  const name = asString(asObject(one.object['metadata'])?.['name']) ?? '';
  const added = asArray(asObject(one.object['spec'])?.['ephemeralContainers']) ?? [];
  return await server.ask({
    method: 'PATCH',
    path: `${one.path}/${name}/ephemeralcontainers?dryRun=All`,
    contentType: 'application/strategic-merge-patch+json',
    body: { spec: { ephemeralContainers: added } },
  });
}

/** A namespace with the running pods that get ephemeral containers, made while nothing forbids them. */
async function prepareNamespace(server: ApiServer, namespace: string): Promise<void> {
  const made = await server.ask({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { metadata: { name: namespace } },
  });
  assert.equal(made.status, 201, made.message);
  for (const [at, label] of podLabels.entries()) {
    const body = beforeDebug(label, running(at));
    const pod = await server.ask({ method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, body });
    assert.equal(pod.status, 201, pod.message);
  }
}

/** As generated, but for namespaces of its own only. */
async function apply(server: ApiServer, policy: Policy): Promise<void> {
  const { files } = generateAllowlist(policy, { form: 'cel', now, excludedNamespaces: ['kube-system'] });
  for (const { name, text } of files) {
    for (const { value } of readDocuments(text, name, new FaultList())) {
      const object = asObject(value) ?? {};
      const isBinding = object['kind'] === 'ValidatingAdmissionPolicyBinding';
      const values = [`${policy.name}-team`, `${policy.name}-other`];
      const matchResources = {
        namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }] },
      };
      const body = isBinding ? { ...object, spec: { ...asObject(object['spec']), matchResources } } : object;
      const plurals = isBinding ? 'validatingadmissionpolicybindings' : 'validatingadmissionpolicies';
      const path = `/apis/admissionregistration.k8s.io/v1/${plurals}?fieldValidation=Strict`;
      const answer = await server.ask({ method: 'POST', path, body });
      assert.equal(answer.status, 201, answer.message);
    }
  }
}

async function untilEnforced(server: ApiServer, policy: Policy): Promise<void> {
  const namespace = `${policy.name}-team`;
  const body = { metadata: { name: 'x' }, spec: { containers: [{ name: 'x', image: 'Not-A-Name' }] } };
  for (let tries = 0; tries < 100; tries++) {
    const answer = await server.ask({ method: 'POST', path: `/api/v1/namespaces/${namespace}/pods?dryRun=All`, body });
    if (answer.status === 403) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`the policy ${policy.name} is not enforced`);
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
    }),
  );
}
