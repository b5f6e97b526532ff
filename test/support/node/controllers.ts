import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { asArray, asObject, asString, type JsonObject } from '../../../src/formats/index.js';
import { emptyFolder, startContainer, type ContainerMount } from './container.js';
import { end, type NodeImage } from './kubelet.js';
import { mustRun } from './kubeadm-cluster.js';
import { pause, type NodeBox } from './node-box.js';
import type { ChildProcess } from 'node:child_process';

/**
 * Stands in for the controllers, the scheduler, the kubelet and kube-proxy, for one Deployment: creates its pods through
 * the API server (which may refuse them), runs one of them for real with its Secret and ConfigMap, leads its Service's
 * address there, and says in its status that all are available once it is ready. A namespace that is deleted goes.
 */
export class Controllers {
  readonly #box: NodeBox;
  readonly #image: NodeImage;
  readonly #namespace: string;
  readonly #name: string;
  readonly #children: ChildProcess[] = [];
  #stopped = false;
  #loop: Promise<void> | undefined;

  constructor(box: NodeBox, deployment: { readonly namespace: string; readonly name: string }, image: NodeImage) {
    this.#box = box;
    this.#image = image;
    this.#namespace = deployment.namespace;
    this.#name = deployment.name;
  }

  readonly troubles: string[] = [];

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    for (const child of this.#children) await end(child);
  }

  async #run(): Promise<void> {
    let isDone = false;
    while (!this.#stopped) {
      const deployment = isDone ? undefined : await this.#get('deployment', this.#name);
      // All files of a folder are applied by one command; what comes last is waited for.
      if (deployment && (await this.#get('service', this.#name)) && (await this.#get('configmap', this.#name))) {
        isDone = true;
        try {
          await this.#realise(deployment);
        } catch (error) {
          this.troubles.push(String(error));
        }
      }
      const namespace = await this.#get('namespace', this.#namespace);
      if (asObject(namespace?.['metadata'])?.['deletionTimestamp'] !== undefined) {
        const body = JSON.stringify({ ...namespace, spec: { finalizers: [] } });
        await this.#box.run(`kubectl replace --raw /api/v1/namespaces/${this.#namespace}/finalize -f -`, {
          stdin: body,
        });
      }
      await pause(200);
    }
  }

  async #get(kind: string, name: string): Promise<JsonObject | undefined> {
    const { exitCode, stdout } = await this.#box.run(`kubectl -n ${this.#namespace} get ${kind} ${name} -o json`);
    return exitCode === 0 ? asObject(JSON.parse(stdout)) : undefined;
  }

  async #realise(deployment: JsonObject): Promise<void> {
    const spec = asObject(deployment['spec']) ?? {};
    const template = asObject(spec['template']) ?? {};
    const replicas = Number(spec['replicas']);
    for (let at = 0; at < replicas; at++) {
      const metadata = { ...asObject(template['metadata']), name: `${this.#name}-${at}`, namespace: this.#namespace };
      const body = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...template, metadata });
      const made = await this.#box.run('kubectl create -f -', { stdin: body });
      if (made.exitCode !== 0) throw new Error(made.stderr);
    }
    await this.#startPod(asObject(template['spec']) ?? {});
    await this.#leadService();
    const generation = asObject(deployment['metadata'])?.['generation'];
    const all = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
    const status = JSON.stringify({ status: { observedGeneration: generation, ...all } });
    const line = `kubectl -n ${this.#namespace} patch deployment ${this.#name} --subresource=status -p '${status}'`;
    await mustRun(this.#box, line);
  }

  async #startPod(spec: JsonObject): Promise<void> {
    const container = asObject(asArray(spec['containers'])?.[0]) ?? {};
    const pod = asObject(spec['securityContext']) ?? {};
    const own = asObject(container['securityContext']) ?? {};
    const user = Number(own['runAsUser'] ?? pod['runAsUser'] ?? 0);
    const mounts: ContainerMount[] = [];
    for (const value of asArray(container['volumeMounts']) ?? []) {
      const mount = asObject(value) ?? {};
      const name = asString(mount['name']) ?? '';
      const volume = (asArray(spec['volumes']) ?? []).map(asObject).find((one) => one?.['name'] === name) ?? {};
      const from = `/var/lib/kubelet/pods/${this.#name}/${name}`;
      if (volume['projected'] === undefined) emptyFolder(this.#box, from, user);
      else await this.#project(from, asObject(volume['projected']) ?? {}, Number(pod['fsGroup'] ?? 0));
      mounts.push({ from, to: asString(mount['mountPath']) ?? '', readOnly: mount['readOnly'] === true });
    }
    const env = (asArray(container['env']) ?? []).map(asObject);
    const child = startContainer(this.#box, {
      name: this.#name,
      words: [...this.#image.entrypoint, ...(asArray(container['args']) ?? []).map(String)],
      env: Object.fromEntries(env.map((one) => [asString(one?.['name']) ?? '', asString(one?.['value']) ?? ''])),
      mounts,
      user,
      readOnlyRoot: own['readOnlyRootFilesystem'] === true,
      dropsAll: true,
    });
    this.#children.push(child);
    let said = '';
    child.stderr?.on('data', (piece: Buffer) => (said += piece.toString('utf8')));
    child.stdout?.resume();
    while ((await this.#box.run(`probe https://${this.#box.address}:8443/readyz`)).exitCode !== 0) {
      if (child.exitCode !== null) throw new Error(`the pod ended: ${said}`);
      await pause(50);
    }
  }

  async #project(folder: string, projected: JsonObject, group: number): Promise<void> {
    const outside = this.#box.path(folder);
    rmSync(outside, { recursive: true, force: true });
    mkdirSync(outside, { recursive: true, mode: 0o755 });
    for (const source of (asArray(projected['sources']) ?? []).map(asObject)) {
      for (const kind of ['secret', 'configMap']) {
        const name = asString(asObject(source?.[kind])?.['name']);
        if (name === undefined) continue;
        const data = asObject((await this.#get(kind, name))?.['data']) ?? {};
        for (const [key, value] of Object.entries(data)) {
          const text = asString(value) ?? '';
          const file = `${outside}/${key}`;
          writeFileSync(file, kind === 'secret' ? Buffer.from(text, 'base64') : text);
          chownSync(file, 0, group);
          chmodSync(file, Number(projected['defaultMode']));
        }
      }
    }
  }

  async #leadService(): Promise<void> {
    const spec = asObject((await this.#get('service', this.#name))?.['spec']) ?? {};
    const address = asString(spec['clusterIP']) ?? '';
    const port = Number(asObject(asArray(spec['ports'])?.[0])?.['port']);
    await mustRun(this.#box, `ip address add ${address}/32 dev lo`);
    const forward = `require("net").createServer((a)=>{const b=require("net").connect(8443,"${this.#box.address}");a.pipe(b).pipe(a);a.on("error",()=>b.destroy());b.on("error",()=>a.destroy())}).listen(${port},"${address}")`;
    const child = this.#box.spawn(['node', '-e', forward]);
    child.stdout?.resume();
    child.stderr?.resume();
    this.#children.push(child);
  }
}
