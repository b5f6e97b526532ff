import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../formats/index.js';
import { type FaultList, quote, told, type Place } from './fault.js';
import { readDocument, type LocatedDocument } from './source-file.js';

/** Name of the plugin in AdmissionConfiguration and in flags. */
export const imagePolicyPlugin = 'ImagePolicyWebhook';

/** What `--admission-control-config-file` names, in any of its forms. */
export interface AdmissionConfiguration {
  /** `legacy`: a file that is only `imagePolicy`; `old`: apiserver.k8s.io/v1alpha1. */
  readonly form: 'current' | 'old' | 'legacy';
  readonly plugins: readonly PluginEntry[];
  readonly place: Place;
}

/** One plugin's entry. Of two with one name the first counts. */
export interface PluginEntry {
  readonly name: string;
  readonly place: Place;
  /** The second file, as it is written; only if there is no `configuration`. */
  readonly path: { readonly text: string; readonly place: Place } | undefined;
  readonly configuration: LocatedDocument | undefined;
}

const current = 'apiserver.config.k8s.io/v1';
const old = 'apiserver.k8s.io/v1alpha1';

/**
 * Reads an AdmissionConfiguration as the API server does: strictly outside, the first document only.
 * @returns nothing if it cannot be read; what is wrong is told to `faults`
 */
export function readAdmissionConfiguration(
  text: string,
  file: string,
  faults: FaultList,
): AdmissionConfiguration | undefined {
  const document = readDocument(text, file, { empty: 'configuration-empty', strict: true }, faults);
  if (document === undefined) return undefined;
  const root = asObject(document.value);
  if (root === undefined) {
    faults.add('configuration-kind', document.at([]), { what: 'the file holds no mapping' });
    return undefined;
  }
  if (isLegacy(root)) return legacy(document, faults);
  checkHead(document, root, faults);
  checkFields(document, root, faults);
  const list = root['plugins'];
  const items = asArray(list);
  if (list !== undefined && list !== null && items === undefined) {
    faults.add('configuration-field-type', document.at(['plugins']), { what: 'plugins is no list' });
  }
  const plugins = (items ?? []).map((item, at) => readEntry(document, item, { at, faults }));
  checkTwice(plugins, faults);
  return { form: root['apiVersion'] === old ? 'old' : 'current', plugins, place: document.at(['plugins']) };
}

/** Whatever has `imagePolicy` and is not of a kind and version that are known. */
function isLegacy({ apiVersion, kind, imagePolicy }: JsonObject): boolean {
  if (imagePolicy === undefined) return false;
  return kind !== 'AdmissionConfiguration' || (apiVersion !== current && apiVersion !== old);
}

function legacy(document: LocatedDocument, faults: FaultList): AdmissionConfiguration {
  const place = document.at(['imagePolicy']);
  faults.add('configuration-legacy-form', place, {
    what: 'the file is imagePolicy alone',
  });
  const entry: PluginEntry = { name: imagePolicyPlugin, place, path: undefined, configuration: document };
  return { form: 'legacy', plugins: [entry], place };
}

function checkHead(document: LocatedDocument, root: JsonObject, faults: FaultList): void {
  const { kind, apiVersion } = root;
  if (kind === undefined || kind === null || kind === '') {
    faults.add('configuration-kind', document.at([]), { what: 'kind is missing' });
  } else if (apiVersion === undefined || apiVersion === null || apiVersion === '') {
    faults.add('configuration-kind', document.at(['kind']), { what: 'apiVersion is missing' });
  } else if (kind !== 'AdmissionConfiguration') {
    faults.add('configuration-kind', document.at(['kind']), { what: `kind is ${told(kind)}` });
  } else if (apiVersion === old) {
    faults.add('configuration-old-version', document.at(['apiVersion']), { what: `apiVersion is ${old}` });
  } else if (apiVersion !== current) {
    faults.add('configuration-kind', document.at(['apiVersion']), { what: `apiVersion is ${told(apiVersion)}` });
  }
}

function checkFields(document: LocatedDocument, root: JsonObject, faults: FaultList): void {
  for (const key of Object.keys(root)) {
    if (key === 'apiVersion' || key === 'kind' || key === 'plugins') continue;
    faults.add('configuration-unknown-field', document.at([key]), {
      what: `the field ${quote(key)} is not known here`,
    });
  }
}

function readEntry(
  document: LocatedDocument,
  item: JsonValue,
  { at, faults }: { readonly at: number; readonly faults: FaultList },
): PluginEntry {
  const base = ['plugins', at] as const;
  const entry = asObject(item) ?? {};
  for (const key of Object.keys(entry)) {
    if (key === 'name' || key === 'path' || key === 'configuration') continue;
    const misplaced = key.toLowerCase() === 'imagepolicy';
    faults.add(misplaced ? 'image-policy-misplaced' : 'configuration-unknown-field', document.at([...base, key]), {
      what: misplaced
        ? 'imagePolicy stands beside name instead of below configuration'
        : `the field ${quote(key)} is not known in a plugin's entry`,
    });
  }
  const { name, path, configuration } = entry;
  for (const [key, value] of [
    ['name', name],
    ['path', path],
  ] as const) {
    if (value === undefined || value === null || typeof value === 'string') continue;
    faults.add('configuration-field-type', document.at([...base, key]), { what: `${key} is no text` });
  }
  const inline =
    configuration === undefined || configuration === null
      ? undefined
      : document.below([...base, 'configuration'], configuration);
  const second = asString(path) ?? '';
  if (inline !== undefined && second !== '') {
    faults.add('plugin-path-unused', document.at([...base, 'path']), {
      what: 'both configuration and path stand in the entry',
    });
  }
  return {
    name: asString(name) ?? '',
    place: document.at([...base, 'name']),
    path: second === '' || inline !== undefined ? undefined : { text: second, place: document.at([...base, 'path']) },
    configuration: inline,
  };
}

function checkTwice(plugins: readonly PluginEntry[], faults: FaultList): void {
  const seen = new Set<string>();
  for (const { name, place } of plugins) {
    if (seen.has(name)) faults.add('plugin-entry-twice', place, { what: `there are two entries for ${quote(name)}` });
    seen.add(name);
  }
}

/** The entry that counts for a plugin. */
export function entryOf(configuration: AdmissionConfiguration, name: string): PluginEntry | undefined {
  return configuration.plugins.find((entry) => entry.name === name);
}

/** The entry of ImagePolicyWebhook; that there is none, or that it is empty, is told to `faults`. */
export function imagePolicyEntry(configuration: AdmissionConfiguration, faults: FaultList): PluginEntry | undefined {
  const entry = entryOf(configuration, imagePolicyPlugin);
  if (entry === undefined) {
    const meant = configuration.plugins.find(({ name }) => /^image-?_?policy(?:-?_?web-?_?hook)?$/i.test(name.trim()));
    if (meant) {
      faults.add('plugin-entry-misspelt', meant.place, { what: `the entry is named ${quote(meant.name)}` });
    } else {
      faults.add('plugin-entry-missing', configuration.place, { what: `there is no entry for ${imagePolicyPlugin}` });
    }
  } else if (entry.configuration === undefined && entry.path === undefined) {
    faults.add('plugin-entry-empty', entry.place, { what: 'the entry has neither configuration nor path' });
  }
  return entry;
}
