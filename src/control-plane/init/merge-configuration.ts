import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../formats/index.js';
import { ControlPlaneError } from '../errors.js';
import { FaultList } from '../fault.js';
import { folderOf, resolvePath } from '../host.js';
import { readDocument } from '../source-file.js';

const current = 'apiserver.config.k8s.io/v1';

/** An AdmissionConfiguration with nothing but these plugins. */
export function newConfiguration(entries: readonly JsonObject[]): JsonObject {
  return { apiVersion: current, kind: 'AdmissionConfiguration', plugins: [...entries] };
}

/**
 * Where the image policy webhook of a configuration that is there is described: its kubeconfig, or the file that names it.
 * Nothing if there is none, or the text cannot be read. An API server has one such webhook only.
 */
export function presentImagePolicy(text: string, path: string): string | undefined {
  const document = readDocument(text, path, { empty: 'configuration-empty', strict: true }, new FaultList());
  const root = asObject(document?.value);
  const entry = (asArray(root?.['plugins']) ?? []).map(asObject).find((one) => one?.['name'] === 'ImagePolicyWebhook');
  const policy = asObject((asObject(entry?.['configuration']) ?? root)?.['imagePolicy']);
  return asString(policy?.['kubeConfigFile']) ?? asString(entry?.['path']);
}

/**
 * An AdmissionConfiguration that is there already, with entries of plugins added or replaced: an API server reads one file
 * only. Paths that were relative to the old file become absolute, because the new one lies elsewhere.
 * @throws ControlPlaneError `NOT_EDITABLE`
 */
export function mergedConfiguration(text: string, path: string, entries: readonly JsonObject[]): JsonObject {
  const document = readDocument(text, path, { empty: 'configuration-empty', strict: true }, new FaultList());
  const root = asObject(document?.value);
  if (root === undefined) {
    throw new ControlPlaneError('NOT_EDITABLE', `${path} cannot be read as an AdmissionConfiguration`, {
      hint: 'tidewaiter admission doctor tells what is wrong with it',
    });
  }
  // A file that is imagePolicy alone: what it says is what the new entry replaces.
  if (root['kind'] === undefined && root['imagePolicy'] !== undefined) return newConfiguration(entries);
  if (root['kind'] !== 'AdmissionConfiguration') {
    throw new ControlPlaneError('NOT_EDITABLE', `${path} is no AdmissionConfiguration`, { hint: 'name another file' });
  }
  const folder = folderOf(path);
  const there = asArray(root['plugins']) ?? [];
  const named = (one: JsonValue, name: JsonValue | undefined): boolean => asObject(one)?.['name'] === name;
  const others = there.filter((one) => !entries.some((entry) => named(one, entry['name'])));
  const own = entries.map((entry) =>
    combined(
      there.find((one) => named(one, entry['name'])),
      entry,
      path,
    ),
  );
  return { ...root, apiVersion: current, plugins: [...others.map((one) => absolute(one, folder)), ...own] };
}

/** A plugin that reads a folder of manifests may have other settings beside; ImagePolicyWebhook has ours alone. */
function combined(before: JsonValue | undefined, entry: JsonObject, file: string): JsonObject {
  const own = asObject(entry['configuration']) ?? {};
  const present = asObject(asObject(before)?.['configuration']);
  if (own['staticManifestsDir'] === undefined || before === undefined) return entry;
  const folder = present?.['staticManifestsDir'];
  if (present === undefined || (folder !== undefined && folder !== own['staticManifestsDir'])) {
    const what = `${file} has settings of ${asString(entry['name']) ?? 'a plugin'} that leave no place for a folder of manifests`;
    throw new ControlPlaneError('NOT_EDITABLE', what, {
      hint: 'put what admission init writes without --apply into the folder that it names already, by hand',
    });
  }
  return { ...entry, configuration: { ...present, ...own } };
}

function absolute(entry: JsonValue, folder: string): JsonValue {
  const object = asObject(entry);
  const path = asString(object?.['path']);
  return object === undefined || path === undefined || path === ''
    ? entry
    : { ...object, path: resolvePath(folder, path) };
}
