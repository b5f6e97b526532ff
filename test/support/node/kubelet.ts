import type { ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../../src/formats/index.js';
import { emptyFolder, startContainer, type ContainerMount } from './container.js';
import { pause, type NodeBox } from './node-box.js';

/** What an image starts: words before those of the pod, and files besides `/usr` and `/opt`. */
export interface NodeImage {
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const manifests = '/etc/kubernetes/manifests';
const lookEveryMs = 100;
/** As the kubelet waits after a first crash. */
const restartAfterMs = 10_000;
/** The kubelet gives thirty seconds; nobody here has requests under way that matter. */
const graceMs = 1500;

interface Running {
  readonly text: string;
  readonly name: string;
  readonly pod: JsonObject;
  readonly child: ChildProcess;
  /** Moment of its end. */
  ended: number | undefined;
  restarts: number;
  isMirrored: boolean;
}

/**
 * Stands in for the kubelet: runs what lies in the folder of static pods, starts anew what has changed or ended, writes
 * logs where the kubelet does, and tells the API server of each pod with a mirror pod.
 */
export class Kubelet {
  readonly #box: NodeBox;
  readonly #imageOf: (name: string) => NodeImage | undefined;
  readonly #running = new Map<string, Running>();
  #stopped = false;
  #loop: Promise<void> | undefined;
  /** What no image could be found for, or could not be read. */
  readonly troubles: string[] = [];
  /** What the API server did not take of it; tried again, as the kubelet does. */
  readonly refused: string[] = [];

  constructor(box: NodeBox, imageOf: (name: string) => NodeImage | undefined) {
    this.#box = box;
    this.#imageOf = imageOf;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    for (const { child } of this.#running.values()) child.kill('SIGKILL');
    await Promise.all([...this.#running.values()].map(({ child }) => end(child)));
  }

  /** Waits until that runs which lies in the folder. */
  async settled(): Promise<void> {
    const until = Date.now() + 20_000;
    while (Date.now() < until) {
      const wanted = this.#files();
      const isSettled =
        wanted.size === this.#running.size &&
        [...wanted].every(([file, text]) => this.#running.get(file)?.text === text);
      if (isSettled) return;
      await pause(20);
    }
    throw new Error('the kubelet does not follow');
  }

  /** Names of the pods that run. */
  pods(): readonly string[] {
    return [...this.#running.values()].map(({ name }) => name).sort();
  }

  #files(): Map<string, string> {
    const folder = this.#box.path(manifests);
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
    return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const wanted = this.#files();
      for (const [file, one] of this.#running) {
        if (wanted.get(file) === one.text) continue;
        await end(one.child);
        this.#running.delete(file);
      }
      for (const [file, text] of wanted) {
        const before = this.#running.get(file);
        if (before === undefined) this.#begin(file, text, 0);
        else if (before.ended !== undefined && Date.now() - before.ended > restartAfterMs) {
          this.#begin(file, text, before.restarts + 1);
        } else await this.#mirror(before);
      }
      await pause(lookEveryMs);
    }
  }

  #begin(file: string, text: string, restarts: number): void {
    const pod: JsonObject = asObject(parse(text)) ?? {};
    const container = asObject(asArray(asObject(pod['spec'])?.['containers'])?.[0]) ?? {};
    const name = asString(asObject(pod['metadata'])?.['name']) ?? file;
    const imageName = asString(container['image']) ?? '';
    const image = this.#imageOf(imageName);
    if (image === undefined) {
      this.troubles.push(`${name}: ErrImagePull ${imageName}`);
      return;
    }
    const security = asObject(container['securityContext']) ?? {};
    const user = typeof security['runAsUser'] === 'number' ? security['runAsUser'] : 0;
    const child = startContainer(this.#box, {
      name: `${name}-${restarts}`,
      words: [...(asArray(container['command']) ?? image.entrypoint), ...(asArray(container['args']) ?? [])].map(
        String,
      ),
      env: { ...image.env, ...environmentOf(container) },
      mounts: mountsOf(this.#box, { name, pod, container, user }),
      user,
      readOnlyRoot: security['readOnlyRootFilesystem'] === true,
      dropsAll: asArray(asObject(security['capabilities'])?.['drop'])?.includes('ALL') === true,
    });
    const logFolder = this.#box.path(`/var/log/pods/kube-system_${name}-${this.#box.hostname}_0/${name}`);
    mkdirSync(logFolder, { recursive: true });
    const one: Running = { text, name, pod, child, ended: undefined, restarts, isMirrored: false };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.on('data', (piece: Buffer) => {
        const lines = piece.toString('utf8').replace(/\n$/, '').split('\n');
        const moment = new Date().toISOString();
        const said = lines.map((line) => `${moment} ${stream} F ${line}\n`).join('');
        appendFileSync(join(logFolder, `${restarts}.log`), said);
      });
    }
    child.once('exit', () => (one.ended = Date.now()));
    this.#running.set(file, one);
  }

  /** As the kubelet does it: with the credentials of the node, once a pod is ready. */
  async #mirror(one: Running): Promise<void> {
    if (one.isMirrored || one.ended !== undefined || !existsSync(this.#box.path('/etc/kubernetes/kubelet.conf')))
      return;
    if (one.pod['metadata'] === undefined || !(await this.#isReady(one.pod))) return;
    const node = await this.#node();
    if (node === undefined) return;
    const { metadata, ...rest } = one.pod;
    const name = `${one.name}-${this.#box.hostname}`;
    const body = {
      ...rest,
      metadata: {
        ...asObject(metadata),
        name,
        annotations: { 'kubernetes.io/config.mirror': 'x', 'kubernetes.io/config.source': 'file' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: this.#box.hostname, uid: node, controller: true }],
      },
      spec: { ...asObject(one.pod['spec']), nodeName: this.#box.hostname },
    };
    await this.#kubectl(`delete pod -n kube-system ${name} --ignore-not-found --force --grace-period=0`);
    const created = await this.#kubectl('create -f - -o json', body);
    if (created.exitCode !== 0) {
      this.refused.push(`${name}: ${created.stderr}`);
      return;
    }
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    const whole = { ...asObject(JSON.parse(created.stdout)), status };
    const told = await this.#kubectl(`replace --raw /api/v1/namespaces/kube-system/pods/${name}/status -f -`, whole);
    if (told.exitCode === 0) one.isMirrored = true;
    else this.refused.push(`${name}: ${told.stderr}`);
  }

  async #node(): Promise<string | undefined> {
    const uid = `get node ${this.#box.hostname} -o 'jsonpath={.metadata.uid}'`;
    const there = await this.#kubectl(uid);
    if (there.exitCode === 0) return there.stdout;
    const body = { apiVersion: 'v1', kind: 'Node', metadata: { name: this.#box.hostname } };
    if ((await this.#kubectl('create -f -', body)).exitCode !== 0) return undefined;
    return (await this.#kubectl(uid)).stdout;
  }

  async #isReady(pod: JsonObject): Promise<boolean> {
    const container = asObject(asArray(asObject(pod['spec'])?.['containers'])?.[0]);
    const get = asObject(asObject(container?.['readinessProbe'])?.['httpGet']);
    if (get === undefined) return true;
    const scheme = (asString(get['scheme']) ?? 'HTTP').toLowerCase();
    const url = `${scheme}://${asString(get['host']) ?? this.#box.address}:${portOf(get['port'], container)}${asString(get['path']) ?? '/'}`;
    const { exitCode } = await this.#box.run(`probe ${url}`);
    return exitCode === 0;
  }

  async #kubectl(words: string, body?: unknown): ReturnType<NodeBox['run']> {
    const line = `KUBECONFIG=/etc/kubernetes/kubelet.conf kubectl --request-timeout=5s ${words}`;
    return await this.#box.run(line, body === undefined ? {} : { stdin: JSON.stringify(body) });
  }
}

function portOf(port: JsonValue | undefined, container: JsonObject | undefined): string {
  if (typeof port === 'number') return String(port);
  const named = (asArray(container?.['ports']) ?? []).map(asObject).find((one) => one?.['name'] === port);
  const number = named?.['containerPort'];
  return typeof number === 'number' ? String(number) : (asString(port) ?? '');
}

function environmentOf(container: JsonObject): Readonly<Record<string, string>> {
  const pairs = (asArray(container['env']) ?? []).map(asObject);
  return Object.fromEntries(pairs.map((one) => [asString(one?.['name']) ?? '', asString(one?.['value']) ?? '']));
}

interface MountedPod {
  readonly name: string;
  readonly pod: JsonObject;
  readonly container: JsonObject;
  readonly user: number;
}

function mountsOf(box: NodeBox, { name, pod, container, user }: MountedPod): readonly ContainerMount[] {
  const volumes = (asArray(asObject(pod['spec'])?.['volumes']) ?? []).map(asObject);
  return (asArray(container['volumeMounts']) ?? []).map((value) => {
    const mount = asObject(value) ?? {};
    const volume = volumes.find((one) => one?.['name'] === mount['name']);
    const to = asString(mount['mountPath']) ?? '/';
    const host = asObject(volume?.['hostPath']);
    const path = asString(host?.['path']);
    if (path === undefined) {
      const from = `/var/lib/kubelet/pods/${name}/${asString(mount['name']) ?? ''}`;
      emptyFolder(box, from, user);
      return { from, to, readOnly: false };
    }
    if (host?.['type'] === 'DirectoryOrCreate') mkdirSync(box.path(path), { recursive: true });
    return { from: path, to, readOnly: mount['readOnly'] === true };
  });
}

/** Ends a program, by force if it takes long. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exit;
  clearTimeout(timer);
}
