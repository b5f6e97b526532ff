import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../formats/index.js';
import { ControlPlaneError } from '../errors.js';
import { FaultList } from '../fault.js';
import { folderOf, resolvePath } from '../host.js';
import { readDocument } from '../source-file.js';

const current = 'apiserver.config.k8s.io/v1';

/** An AdmissionConfiguration with one plugin only. */
export function newConfiguration(entry: JsonObject): JsonObject {
  return { apiVersion: current, kind: 'AdmissionConfiguration', plugins: [entry] };
}

/**
 * An AdmissionConfiguration that is there already, with the entry of one plugin added or replaced: an API server reads
 * one file only. Paths that were relative to the old file become absolute, because the new one lies elsewhere.
 * @throws ControlPlaneError `NOT_EDITABLE`
 */
export function mergedConfiguration(text: string, path: string, entry: JsonObject): JsonObject {
  const document = readDocument(text, path, { empty: 'configuration-empty', strict: true }, new FaultList());
  const root = asObject(document?.value);
  if (root === undefined) {
    throw new ControlPlaneError('NOT_EDITABLE', `${path} cannot be read as an AdmissionConfiguration`, {
      hint: 'tidewaiter admission doctor tells what is wrong with it',
    });
  }
  // A file that is imagePolicy alone: what it says is what the new entry replaces.
  if (root['kind'] === undefined && root['imagePolicy'] !== undefined) return newConfiguration(entry);
  if (root['kind'] !== 'AdmissionConfiguration') {
    throw new ControlPlaneError('NOT_EDITABLE', `${path} is no AdmissionConfiguration`, { hint: 'name another file' });
  }
  const folder = folderOf(path);
  const others = (asArray(root['plugins']) ?? []).filter((one) => asObject(one)?.['name'] !== entry['name']);
  return { ...root, apiVersion: current, plugins: [...others.map((one) => absolute(one, folder)), entry] };
}

function absolute(entry: JsonValue, folder: string): JsonValue {
  const object = asObject(entry);
  const path = asString(object?.['path']);
  return object === undefined || path === undefined || path === ''
    ? entry
    : { ...object, path: resolvePath(folder, path) };
}
