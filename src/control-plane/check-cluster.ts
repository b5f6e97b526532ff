import { asArray, asObject, asString, type JsonObject, type JsonValue, type YamlPath } from '../formats/index.js';
import type { Cluster } from './cluster.js';
import { FaultList } from './fault.js';
import type { CheckAt } from './check-certificates.js';
import type { SetupFile } from './setup-pieces.js';
import type { UnreadFile } from './server-files.js';
import { readDocuments } from './source-file.js';
import { checkWebhookConfigurations, unpackList, type ConfiguredWebhook } from './webhook-configuration.js';

const group = '/apis/admissionregistration.k8s.io/v1';

/** Kinds of objects by which a cluster asks about pods, and what their names are in paths. */
const kinds = {
  ValidatingWebhookConfiguration: 'validatingwebhookconfigurations',
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
} as const;

/** What a cluster has there now. */
export interface ClusterObjects {
  readonly objects: readonly JsonObject[];
  readonly unread: readonly UnreadFile[];
}

/** The webhooks and policies of a cluster; what may not be read is told. */
export async function readCluster(cluster: Cluster): Promise<ClusterObjects> {
  const objects: JsonObject[] = [];
  const unread: UnreadFile[] = [];
  for (const [kind, resource] of Object.entries(kinds)) {
    const { status, body, message } = await cluster.ask('GET', `${group}/${resource}?limit=500`);
    // Older API servers have no policies of their own.
    if (status === 404) continue;
    if (status !== 200 || body === undefined) {
      unread.push({ file: `${cluster.address}${group}/${resource}`, reason: message });
      continue;
    }
    for (const item of asArray(body['items']) ?? []) {
      const object = asObject(item);
      if (object) objects.push({ ...object, apiVersion: 'admissionregistration.k8s.io/v1', kind });
    }
  }
  return { objects, unread };
}

/** Checks what a cluster has as if it were in files: the faults name the cluster in place of a file and line. */
export function checkClusterObjects(
  cluster: Cluster,
  { objects }: ClusterObjects,
  { now, faults }: CheckAt,
): readonly ConfiguredWebhook[] {
  return together(objects).flatMap(([object, ...bindings]) => {
    if (object === undefined) return [];
    const found = new FaultList();
    const file = `${cluster.address}, ${nameOf(object)}`;
    const text = JSON.stringify({ kind: 'List', items: [object, ...bindings].map(withoutBookkeeping) });
    const webhooks = checkWebhookConfigurations(text, file, { now, faults: found });
    for (const { id, what, why, fix, severity } of found.sorted())
      faults.add(id, { file }, { what, why, fix, severity });
    return webhooks.map((webhook) => ({ ...webhook, place: { file } }));
  });
}

/** Each object by itself, a policy with its bindings. */
function together(objects: readonly JsonObject[]): readonly (readonly JsonObject[])[] {
  const policyOf = (object: JsonObject): string | undefined =>
    object['kind'] === 'ValidatingAdmissionPolicyBinding'
      ? `ValidatingAdmissionPolicy ${asString(asObject(object['spec'])?.['policyName']) ?? ''}`
      : undefined;
  const names = new Set(objects.map(nameOf));
  return objects
    .filter((object) => !names.has(policyOf(object) ?? ''))
    .map((object) => [object, ...objects.filter((other) => policyOf(other) === nameOf(object))]);
}

/** Who wrote it is not part of what it says. */
function withoutBookkeeping(object: JsonObject): JsonObject {
  const { status: _, ...rest } = object;
  return { ...rest, metadata: { name: asObject(object['metadata'])?.['name'] ?? '' } };
}

/** What files say must be in the cluster: each object is there, and every member of the file has its value there. */
export function compareWithCluster(files: readonly SetupFile[], { objects }: ClusterObjects, faults: FaultList): void {
  for (const { path, text } of files) {
    for (const document of readDocuments(text, path, new FaultList()).flatMap(unpackList)) {
      const wanted = asObject(document.value);
      if (wanted === undefined || !Object.hasOwn(kinds, asString(wanted['kind']) ?? '')) continue;
      const there = objects.find((object) => nameOf(object) === nameOf(wanted));
      const place = document.at(['metadata', 'name']);
      if (there === undefined) {
        faults.add('cluster-lacks', place, { what: `the cluster has no ${nameOf(wanted)}` });
        continue;
      }
      const part = 'webhooks' in wanted ? 'webhooks' : 'spec';
      const changed = difference(wanted[part] ?? null, there[part] ?? null, [part]);
      if (changed === undefined) continue;
      faults.add('cluster-differs', document.at(changed), {
        what: `${nameOf(wanted)} is another in the cluster: ${changed.join('.')} differs`,
      });
    }
  }
}

/** Where the first value is not part of the second; defaults that the API server adds do not count. */
function difference(wanted: JsonValue, there: JsonValue | undefined, path: YamlPath): YamlPath | undefined {
  const list = asArray(wanted);
  if (list !== undefined) {
    const other = asArray(there) ?? [];
    if (other.length !== list.length) return path;
    return firstOf(list.map((value, at) => () => difference(value, other[at], [...path, at])));
  }
  const object = asObject(wanted);
  if (object !== undefined) {
    const other = asObject(there);
    if (other === undefined) return Object.keys(object).length === 0 && there === undefined ? undefined : path;
    return firstOf(
      Object.entries(object).map(
        ([key, value]) =>
          () =>
            difference(value, other[key], [...path, key]),
      ),
    );
  }
  return wanted === there || (wanted === null && there === undefined) ? undefined : path;
}

function firstOf(all: readonly (() => YamlPath | undefined)[]): YamlPath | undefined {
  for (const one of all) {
    const found = one();
    if (found !== undefined) return found;
  }
  return undefined;
}

function nameOf(object: JsonObject): string {
  return `${asString(object['kind']) ?? ''} ${asString(asObject(object['metadata'])?.['name']) ?? ''}`;
}

/** The address of a Service in the network of its cluster; nothing where it has none. */
export async function addressOfService(
  cluster: Cluster,
  { namespace, name, port, path }: NonNullable<ConfiguredWebhook['service']>,
): Promise<URL | undefined> {
  const { body } = await cluster.ask(
    'GET',
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(name)}`,
  );
  const address = asString(asObject(body?.['spec'])?.['clusterIP']);
  if (address === undefined || address === 'None' || address === '') return undefined;
  return new URL(`https://${address.includes(':') ? `[${address}]` : address}:${port}${path}`);
}
