import { copyFileSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { dump } from 'js-yaml';
import { parse, parseAllDocuments } from 'yaml';
import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../../src/formats/index.js';
import { buildImage, loadImages } from './image-build.js';
import { completeCluster, controlPlaneImage, kubeadmConfiguration, kubeadmInit } from './kubeadm-cluster.js';
import { Kubelet, type NodeImage } from './kubelet.js';
import type { NodeBox } from './node-box.js';
import type { StandIn } from './stand-ins.js';

const node = 'kind-control-plane';
const fields: Readonly<Record<string, readonly string[]>> = {
  cluster: ['kind', 'apiVersion', 'nodes', 'kubeadmConfigPatches', 'name'],
  node: ['role', 'image', 'extraMounts', 'kubeadmConfigPatches', 'labels'],
  mount: ['hostPath', 'containerPath', 'readOnly'],
};

/**
 * Stands in for kind and docker: a node is a box of its own in the network of the host; its kubeadm is the real one, given
 * the configuration that kind writes, with the patches merged as kind merges them.
 */
export class KindHost {
  readonly #host: NodeBox;
  readonly #startNode: (hostname: string, shown: Readonly<Record<string, string>>) => Promise<NodeBox>;
  readonly #built = new Map<string, NodeImage>();
  readonly #loaded = new Map<string, NodeImage>();
  node: NodeBox | undefined;
  kubelet: Kubelet | undefined;

  constructor(
    host: NodeBox,
    startNode: (hostname: string, shown: Readonly<Record<string, string>>) => Promise<NodeBox>,
  ) {
    this.#host = host;
    this.#startNode = startNode;
  }

  get programs(): Readonly<Record<string, StandIn>> {
    return { kind: (words, cwd) => this.#kind(words, cwd), docker: (words, cwd) => this.#docker(words, cwd) };
  }

  async #kind(words: readonly string[], cwd: string): ReturnType<StandIn> {
    const [verb, what, ...rest] = words;
    if (verb === 'create' && what === 'cluster' && rest[0] === '--config' && rest.length === 2) {
      await this.#create(resolve(cwd, rest[1] ?? ''));
      return { exitCode: 0, said: '' };
    }
    if (verb === 'load' && what === 'docker-image' && rest.length === 1) {
      const image = this.#built.get(rest[0] ?? '');
      if (image === undefined || this.node === undefined) return { exitCode: 1, said: 'ERROR: image not present\n' };
      loadImages(this.#host, this.node);
      this.#loaded.set(rest[0] ?? '', image);
      return { exitCode: 0, said: '' };
    }
    if (verb === 'delete' && what === 'cluster' && rest.length === 0) {
      await this.stop();
      return { exitCode: 0, said: '' };
    }
    return { exitCode: 1, said: `not understood here: kind ${words.join(' ')}\n` };
  }

  async #docker(words: readonly string[], cwd: string): ReturnType<StandIn> {
    const [verb, ...rest] = words;
    if (verb === 'cp' && rest.length === 2) {
      const [from = '', to = ''] = rest;
      if (this.node === undefined || !to.startsWith(`${node}:/`)) return { exitCode: 1, said: 'No such container\n' };
      copyFileSync(this.#host.path(resolve(cwd, from)), this.node.path(to.slice(node.length + 1)));
      return { exitCode: 0, said: '' };
    }
    if (verb === 'build' && rest[0] === '--tag' && rest[2] === '--file' && rest.length === 5) {
      const [, tag = '', , file = '', context = ''] = rest;
      this.#built.set(tag, await buildImage(this.#host, resolve(cwd, file), resolve(cwd, context)));
      return { exitCode: 0, said: '' };
    }
    return { exitCode: 1, said: `not understood here: docker ${words.join(' ')}\n` };
  }

  async #create(path: string): Promise<void> {
    const config = strict(parse(readFileSync(this.#host.path(path), 'utf8')), 'cluster');
    if (config['kind'] !== 'Cluster' || config['apiVersion'] !== 'kind.x-k8s.io/v1alpha4')
      throw new Error('no Cluster');
    const [first, ...more] = asArray(config['nodes']) ?? [];
    if (first === undefined || more.length > 0) throw new Error('one node only here');
    const wanted = strict(first, 'node');
    const mounts = (asArray(wanted['extraMounts']) ?? []).map((one) => strict(one, 'mount'));
    const shown = mounts.map((one) => [
      asString(one['containerPath']) ?? '',
      this.#host.path(asString(one['hostPath']) ?? ''),
    ]);
    this.node = await this.#startNode(node, Object.fromEntries(shown));
    const patches = [config, wanted].flatMap((one) => asArray(one['kubeadmConfigPatches']) ?? []).map(String);
    await kubeadmInit(this.node, patched(kubeadmConfiguration(this.node), patches));
    this.kubelet = new Kubelet(this.node, (name) => controlPlaneImage(name) ?? this.#loaded.get(name));
    this.kubelet.start();
    await completeCluster(this.node);
    const kubeconfig = this.#host.path('/root/.kube/config');
    mkdirSync(dirname(kubeconfig), { recursive: true });
    cpSync(this.node.path('/root/.kube/config'), kubeconfig);
  }

  async stop(): Promise<void> {
    await this.kubelet?.stop();
    await this.node?.close();
    this.node = undefined;
  }
}

function strict(value: JsonValue, what: string): JsonObject {
  const object = asObject(value) ?? {};
  const strange = Object.keys(object).filter((key) => fields[what]?.includes(key) !== true);
  if (strange.length > 0) throw new Error(`unknown field ${strange.join(', ')} in ${what}`);
  return object;
}

/**
 * Patches of kind on a kubeadm configuration: one that names another version than the configuration has is passed over; of
 * v1beta4, `extraArgs` are merged by name, all else as a merge patch.
 */
export function patched(configuration: string, patches: readonly string[]): string {
  const documents = parseAllDocuments(configuration).map((one): JsonObject => asObject(one.toJS()) ?? {});
  const all = patches.flatMap((text) => parseAllDocuments(text).map((one): JsonObject => asObject(one.toJS()) ?? {}));
  const result = documents.map((document) =>
    all
      .filter((one) => one['kind'] === document['kind'])
      .filter((one) => one['apiVersion'] === undefined || one['apiVersion'] === document['apiVersion'])
      .reduce((merged, one) => asObject(mergePatch(merged, one)) ?? {}, document),
  );
  return result.map((one) => dump(one)).join('---\n');
}

function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  const [from, to] = [asObject(patch), asObject(target) ?? {}];
  if (from === undefined) return patch;
  const merged: Record<string, JsonValue> = { ...to };
  for (const [key, value] of Object.entries(from)) {
    const [list, more] = [asArray(merged[key]), asArray(value)];
    if (key === 'extraArgs' && list && more) {
      const names = new Set(more.map((one) => asObject(one)?.['name']));
      merged[key] = [...list.filter((one) => !names.has(asObject(one)?.['name'])), ...more];
    } else if (value !== undefined) merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}
