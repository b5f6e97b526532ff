import { asArray, asObject, asString, readYamlStream, type JsonObject } from '../formats/index.js';
import { entryOf, type AdmissionConfiguration, type PluginEntry } from './admission-configuration.js';
import type { CheckAt } from './check-certificates.js';
import { type FaultList, quote, told, type Place } from './fault.js';
import { folderOf, resolvePath } from './host.js';
import type { ServerFiles } from './server-files.js';
import { readDocuments, type LocatedDocument } from './source-file.js';
import { checkWebhookConfigurations, unpackList } from './webhook-configuration.js';

interface Plugin {
  readonly name: string;
  /** Kind of its configuration. */
  readonly kind: string;
  /** Kinds of objects that its folder may hold. */
  readonly objects: readonly string[];
  readonly fields: readonly string[];
}

const plugins: readonly Plugin[] = [
  {
    name: 'ValidatingAdmissionPolicy',
    kind: 'ValidatingAdmissionPolicyConfiguration',
    objects: ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
    fields: ['staticManifestsDir'],
  },
  {
    name: 'MutatingAdmissionPolicy',
    kind: 'MutatingAdmissionPolicyConfiguration',
    objects: ['MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding'],
    fields: ['staticManifestsDir'],
  },
  {
    name: 'ValidatingAdmissionWebhook',
    kind: 'WebhookAdmissionConfiguration',
    objects: ['ValidatingWebhookConfiguration'],
    fields: ['kubeConfigFile', 'staticManifestsDir'],
  },
  {
    name: 'MutatingAdmissionWebhook',
    kind: 'WebhookAdmissionConfiguration',
    objects: ['MutatingWebhookConfiguration'],
    fields: ['kubeConfigFile', 'staticManifestsDir'],
  },
];

const suffix = '.static.k8s.io';

export interface StaticCheck extends CheckAt {
  readonly files: ServerFiles;
  /** Path of the AdmissionConfiguration in the API server's view. */
  readonly path: string;
  readonly hasGate: boolean;
  /** Nothing is known of the command line: the gate may be on. */
  readonly knowsCommand: boolean;
}

/** Checks the entries of webhook and policy plugins, and the objects that lie in their folders. */
export async function checkOtherPlugins(configuration: AdmissionConfiguration, check: StaticCheck): Promise<void> {
  for (const plugin of plugins) {
    const entry = entryOf(configuration, plugin.name);
    if (entry === undefined) continue;
    const document = entry.configuration ?? (await secondFile(entry, check));
    if (document !== undefined) await checkEntry(plugin, document, check);
  }
}

async function secondFile(entry: PluginEntry, check: StaticCheck): Promise<LocatedDocument | undefined> {
  if (entry.path === undefined) return undefined;
  const { text: path, place } = entry.path;
  const what = `the configuration of ${entry.name}`;
  const file = await check.files.read({ path, folder: folderOf(check.path), place, what });
  return file && readDocuments(file.text, file.file, check.faults)[0];
}

async function checkEntry(plugin: Plugin, document: LocatedDocument, check: StaticCheck): Promise<void> {
  const { faults } = check;
  const root = asObject(document.value) ?? {};
  const version = asString(root['apiVersion']) ?? '';
  if (root['kind'] !== plugin.kind || !/^apiserver\.config\.k8s\.io\/v1$/.test(version)) {
    const isOld = plugin.kind === 'WebhookAdmissionConfiguration' && root['kind'] === 'WebhookAdmission';
    if (!isOld) {
      faults.add('plugin-configuration-kind', document.at(['kind']), {
        what: `the configuration of ${plugin.name} is ${told(root['kind'])} of ${quote(version)}`,
        fix: `write apiVersion: apiserver.config.k8s.io/v1 and kind: ${plugin.kind}`,
      });
    }
  }
  for (const key of Object.keys(root)) {
    if (key === 'apiVersion' || key === 'kind' || plugin.fields.includes(key)) continue;
    faults.add('configuration-unknown-field', document.at([key]), {
      what: `the field ${quote(key)} is not known here`,
    });
  }
  await checkKubeconfig(root, document, check);
  const folder = asString(root['staticManifestsDir']) ?? '';
  if (folder === '') return;
  const place = document.at(['staticManifestsDir']);
  if (check.knowsCommand && !check.hasGate) {
    faults.add('feature-gate-off', place, { what: 'staticManifestsDir is used and its feature gate is off' });
  }
  if (!folder.startsWith('/')) {
    faults.add('static-folder-relative', place, { what: `staticManifestsDir is ${quote(folder)}` });
    return;
  }
  const what = 'the folder of static manifests';
  const listed = await check.files.folder({ path: folder, folder: '/', place, what, missing: 'static-folder-missing' });
  if (listed !== undefined) await checkFolder(plugin, { ...listed, place }, check);
}

async function checkKubeconfig(root: JsonObject, document: LocatedDocument, check: StaticCheck): Promise<void> {
  const path = asString(root['kubeConfigFile']) ?? '';
  if (path === '') return;
  const place = document.at(['kubeConfigFile']);
  if (!path.startsWith('/')) {
    check.faults.add('plugin-kubeconfig-relative', place, { what: `kubeConfigFile is ${quote(path)}` });
  } else await check.files.read({ path, folder: '/', place, what: 'the kubeconfig' });
}

interface Folder {
  readonly path: string;
  readonly names: readonly string[];
  readonly place: Place;
}

async function checkFolder(plugin: Plugin, { path, names, place }: Folder, check: StaticCheck): Promise<void> {
  const objects: LocatedDocument[] = [];
  for (const name of names) {
    if (!/\.(?:yaml|yml|json)$/.test(name)) continue;
    const what = 'the static manifest';
    const file = await check.files.readHost(resolvePath(path, name), { path: name, place, what });
    if (file === undefined) continue;
    checkTop(file.text, file.file, check.faults);
    objects.push(...readDocuments(file.text, file.file, check.faults).flatMap(unpackList));
    if (plugin.name === 'ValidatingAdmissionWebhook' && file.text.includes('ValidatingWebhookConfiguration')) {
      checkWebhookConfigurations(file.text, file.file, check);
    }
  }
  const policies = new Set<string>();
  for (const object of objects) {
    const name = checkObject(plugin, object, check.faults);
    if (name === undefined) continue;
    const key = `${asString(asObject(object.value)?.['kind'])} ${name}`;
    if (policies.has(key)) {
      check.faults.add('static-manifest-name-twice', object.at(['metadata', 'name']), {
        what: `${quote(name)} stands twice`,
      });
    }
    policies.add(key);
  }
  for (const object of objects) checkBinding(object, policies, check.faults);
}

/** A document of comments alone, before the first `---`, counts as an object without kind. */
function checkTop(text: string, file: string, faults: FaultList): void {
  for (const part of readYamlStream(text)) {
    if (part.kind === 'empty' && /^\s*#/m.test(part.text)) {
      faults.add(
        'static-manifest-comment',
        { file, line: part.line },
        { what: 'the file begins with a comment and ---' },
      );
    }
    return;
  }
}

/** @returns the name of an object that the folder may hold */
function checkObject(plugin: Plugin, object: LocatedDocument, faults: FaultList): string | undefined {
  const root = asObject(object.value) ?? {};
  const kind = asString(root['kind']) ?? '';
  if (root['apiVersion'] !== 'admissionregistration.k8s.io/v1' || !plugin.objects.includes(kind)) {
    faults.add('static-manifest-kind', object.at(['kind']), {
      what: `${quote(kind)} of ${told(root['apiVersion'])} does not belong into the folder of ${plugin.name}`,
    });
    return undefined;
  }
  const name = asString(asObject(root['metadata'])?.['name']) ?? '';
  if (!name.endsWith(suffix)) {
    faults.add('static-manifest-name', object.at(['metadata', 'name']), { what: `the object is named ${quote(name)}` });
  }
  checkStrictly(object, root, kind, faults);
  const spec = asObject(root['spec']);
  for (const field of ['paramKind', 'paramRef']) {
    if (spec?.[field] === undefined || spec[field] === null) continue;
    faults.add('static-manifest-parameters', object.at(['spec', field]), { what: `spec.${field} is set` });
  }
  for (const [index, item] of (asArray(root['webhooks']) ?? []).entries()) {
    if (asObject(asObject(item)?.['clientConfig'])?.['service'] === undefined) continue;
    faults.add('static-manifest-service', object.at(['webhooks', index, 'clientConfig', 'service']), {
      what: 'the webhook is called through a Service',
    });
  }
  checkExpressions(object, spec, faults);
  return name;
}

const specFields: Readonly<Record<string, readonly string[]>> = {
  ValidatingAdmissionPolicy: [
    'paramKind',
    'matchConstraints',
    'validations',
    'failurePolicy',
    'auditAnnotations',
    'matchConditions',
    'variables',
  ],
  ValidatingAdmissionPolicyBinding: ['policyName', 'paramRef', 'matchResources', 'validationActions'],
  MutatingAdmissionPolicy: [
    'paramKind',
    'matchConstraints',
    'variables',
    'mutations',
    'failurePolicy',
    'matchConditions',
    'reinvocationPolicy',
  ],
  MutatingAdmissionPolicyBinding: ['policyName', 'paramRef', 'matchResources'],
};

function checkStrictly(object: LocatedDocument, root: JsonObject, kind: string, faults: FaultList): void {
  const known = specFields[kind];
  const body = known === undefined ? 'webhooks' : 'spec';
  const unknown: (readonly string[])[] = Object.keys(root)
    .filter((key) => !['apiVersion', 'kind', 'metadata', 'status', body].includes(key))
    .map((key) => [key]);
  for (const key of Object.keys(asObject(root['spec']) ?? {})) {
    if (known !== undefined && !known.includes(key)) unknown.push(['spec', key]);
  }
  for (const path of unknown) {
    faults.add('static-manifest-field', object.at(path), {
      what: `the field ${quote(path.join('.'))} is not known here`,
    });
  }
}

/** Whether CEL compiles is for CEL to say; what breaks off or is left open is seen without it. */
function checkExpressions(object: LocatedDocument, spec: JsonObject | undefined, faults: FaultList): void {
  for (const list of ['validations', 'matchConditions', 'variables']) {
    for (const [index, item] of (asArray(spec?.[list]) ?? []).entries()) {
      const expression = asString(asObject(item)?.['expression']);
      if (expression === undefined || !isBrokenOff(expression)) continue;
      faults.add('static-manifest-expression', object.at(['spec', list, index, 'expression']), {
        what: `the expression ${quote(expression)} is not complete`,
      });
    }
  }
}

function isBrokenOff(expression: string): boolean {
  const bare = expression.replaceAll(/r?"(?:[^"\\]|\\.)*"|r?'(?:[^'\\]|\\.)*'/g, '""').trim();
  let depth = 0;
  for (const character of bare) {
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character) && --depth < 0) return true;
  }
  return depth !== 0 || bare === '' || /(?:[.,!?:<>=+\-*/%]|&&|\|\|)$/.test(bare);
}

function checkBinding(object: LocatedDocument, known: ReadonlySet<string>, faults: FaultList): void {
  const root = asObject(object.value) ?? {};
  const kind = asString(root['kind']) ?? '';
  if (!kind.endsWith('PolicyBinding')) return;
  const policy = asString(asObject(root['spec'])?.['policyName']) ?? '';
  const place = object.at(['spec', 'policyName']);
  if (!policy.endsWith(suffix)) {
    faults.add('static-manifest-name', place, { what: `policyName is ${quote(policy)}` });
  } else if (!known.has(`${kind.slice(0, -'Binding'.length)} ${policy}`)) {
    faults.add('static-manifest-policy-missing', place, { what: `the policy ${quote(policy)} is not in the folder` });
  }
}
