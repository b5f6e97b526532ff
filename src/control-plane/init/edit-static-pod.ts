import {
  asArray,
  asObject,
  asString,
  readYamlStream,
  type JsonObject,
  type YamlDocument,
  type YamlPath,
} from '../../formats/index.js';
import { applyEdits, type FieldEdit } from '../../manifest/index.js';
import type { ApiServer } from '../api-server.js';
import { ControlPlaneError } from '../errors.js';
import { FaultList } from '../fault.js';
import { lastFlag, listOf } from '../flags.js';
import { mapToHost } from '../mounts.js';
import { readStaticPod } from '../static-pod.js';
import { apiServerFlags } from './api-server-files.js';
import { changesApiServer, setupName, type SetupPlan } from './setup-plan.js';

/** What a manifest of an API server says that a set-up must know. */
export interface ReadManifest {
  /** Path, as the API server sees it, of the AdmissionConfiguration that it has already. */
  readonly configuration: string | undefined;
  readonly server: ApiServer;
  /** Where a path of the API server lies on the host; nothing if no mount leads there. */
  readonly hostPath: (path: string) => string | undefined;
}

/** @throws ControlPlaneError `NOT_EDITABLE`: the text runs no API server. */
export function readManifest(text: string, file: string): ReadManifest {
  const faults = new FaultList();
  const server = readStaticPod(text, file, faults);
  if (server === undefined) throw notEditable(file, faults.sorted()[0]?.what ?? 'it runs no kube-apiserver');
  return {
    server,
    configuration: lastFlag(server.flags, 'admission-control-config-file')?.value,
    hostPath: (path) => {
      const mapped = server.mounts && mapToHost(server.mounts, path);
      return mapped?.kind === 'host' ? mapped.path : undefined;
    },
  };
}

/**
 * The manifest with the flags of the plan, and with the volume and mount that its files need; comments, order and all
 * else stay. Edited twice it is the same text.
 * @throws ControlPlaneError `NOT_EDITABLE`
 */
export function editStaticPod(text: string, file: string, plan: SetupPlan): string {
  const { server } = readManifest(text, file);
  const document = onlyDocument(text, file);
  const spec = asObject(asObject(document.value)?.['spec']) ?? {};
  const containers = asArray(spec['containers']) ?? [];
  const index = containers.findIndex((one) => commandField(asObject(one)) !== undefined);
  const container = asObject(containers[index]);
  const field = commandField(container);
  if (container === undefined || field === undefined) throw notEditable(file, 'its flags are not in a list of words');
  const path: YamlPath = ['spec', 'containers', index];
  const edits = [
    ...flagEdits([...path, field], asArray(container[field]) ?? [], wantedFlags(server, plan)),
    ...mountEdits({ spec, container, path }, server, plan),
  ];
  const edited = applyEdits(document, edits);
  const [refused] = edited.refused;
  if (refused) throw notEditable(file, refused.reason);
  return text.slice(0, document.offset) + edited.text + text.slice(document.offset + document.text.length);
}

function wantedFlags({ flags }: ApiServer, plan: SetupPlan): readonly (readonly [string, string])[] {
  const wordsOf = (name: string): readonly string[] =>
    listOf(flags, name)
      .map((item) => item.text.trim())
      .filter((one) => one !== '');
  return apiServerFlags(plan, { plugins: wordsOf('enable-admission-plugins'), featureGates: wordsOf('feature-gates') });
}

/** The field that holds the flags, each as a word of its own: of `command` and `args` the one with more of them. */
function commandField(container: JsonObject | undefined): 'command' | 'args' | undefined {
  if (container === undefined) return undefined;
  const words = [...(asArray(container['command']) ?? []), ...(asArray(container['args']) ?? [])];
  if (
    !words.some((word) => /(?:^|\/)kube-apiserver$/.test(asString(word) ?? '')) &&
    container['name'] !== 'kube-apiserver'
  ) {
    return undefined;
  }
  const flags = (name: string): number =>
    (asArray(container[name]) ?? []).filter((word) => asString(word)?.startsWith('--') === true).length;
  if (flags('command') === 0 && flags('args') === 0) return undefined;
  return flags('command') >= flags('args') ? 'command' : 'args';
}

function flagEdits(
  path: YamlPath,
  words: readonly unknown[],
  wanted: readonly (readonly [string, string])[],
): readonly FieldEdit[] {
  let next = words.length;
  return wanted.flatMap(([name, value]): FieldEdit[] => {
    const set = `--${name}=${value}`;
    const places = words.flatMap((word, at) => (isFlag(word, name) ? [at] : []));
    const [first, ...more] = places;
    if (first === undefined) return [{ path: [...path, next++], set }];
    return [
      ...(words[first] === set ? [] : [{ path: [...path, first], set }]),
      // Several of a list add up, and all that they say is in the first now.
      ...more.map((at): FieldEdit => ({ path: [...path, at], remove: true })),
    ];
  });
}

function isFlag(word: unknown, name: string): boolean {
  return (
    typeof word === 'string' &&
    word.startsWith('--') &&
    word.slice(2).split('=')[0]?.replaceAll('_', '-') === name &&
    word.includes('=')
  );
}

interface PodParts {
  readonly spec: JsonObject;
  readonly container: JsonObject;
  readonly path: YamlPath;
}

function mountEdits({ spec, container, path }: PodParts, { mounts }: ApiServer, plan: SetupPlan): readonly FieldEdit[] {
  const { configDir } = plan;
  if (!changesApiServer(plan) || (mounts !== undefined && mapToHost(mounts, `${configDir}/x`).kind === 'host'))
    return [];
  const volume = { name: setupName, hostPath: { path: configDir, type: 'Directory' } };
  const mount = { name: setupName, mountPath: configDir, readOnly: true };
  const volumes = asArray(spec['volumes']);
  const volumeMounts = asArray(container['volumeMounts']);
  return [
    volumeMounts === undefined
      ? { path: [...path, 'volumeMounts'], set: [mount] }
      : { path: [...path, 'volumeMounts', volumeMounts.length], set: mount },
    volumes === undefined
      ? { path: ['spec', 'volumes'], set: [volume] }
      : { path: ['spec', 'volumes', volumes.length], set: volume },
  ];
}

function onlyDocument(text: string, file: string): YamlDocument {
  const parts = [...readYamlStream(text)].filter((part) => part.kind !== 'empty');
  const [part] = parts;
  if (parts.length !== 1 || part?.kind !== 'document') throw notEditable(file, 'it is not one document of YAML');
  return part;
}

function notEditable(file: string, why: string): ControlPlaneError {
  return new ControlPlaneError('NOT_EDITABLE', `${file} cannot be edited: ${why}`, {
    hint: 'write the flags by hand, and a volume for the folder of the set-up: leave --apply and --manifest out, and see kubeadm-config.patch.yaml',
  });
}
