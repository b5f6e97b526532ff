import { messageOf, type Context } from '../core/index.js';
import { asObject, asString, parseJson, type JsonObject } from '../formats/index.js';
import { createHttpClient } from '../http/index.js';
import { ControlPlaneError } from './errors.js';
import { FaultList } from './fault.js';
import { textOf, type Host } from './host.js';
import { readKubeconfig } from './kubeconfig.js';
import { ServerFiles } from './server-files.js';
import { readConnection } from './webhook-connection.js';

/** An API server that is asked as kubectl asks it. */
export interface Cluster {
  /** Its address, for messages. */
  readonly address: string;
  /** One exchange; never throws: what gave no answer has a reason. */
  ask(method: 'GET' | 'POST', path: string, body?: object): Promise<ClusterAnswer>;
  close(): Promise<void>;
}

export interface ClusterAnswer {
  /** 0 where there was no answer. */
  readonly status: number;
  /** Nothing where the answer is no JSON object. */
  readonly body: JsonObject | undefined;
  /** `message` of a Status, else why there is no answer; empty where all is well. */
  readonly message: string;
}

export interface ClusterOptions {
  readonly userAgent: string;
  /** Whose files a kubeconfig names. */
  readonly host: Host;
  /** A kubeconfig; nothing: the service account of the pod in which this runs. */
  readonly kubeconfig: { readonly path: string; readonly text: string } | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const largestAnswer = 64 * 1024 * 1024;
const waitMs = 40_000;
const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Opens the cluster that a kubeconfig names by its current context, or the one in whose pod this runs.
 * @throws ControlPlaneError `NO_CLUSTER_ACCESS`
 */
export async function openCluster(context: Context, options: ClusterOptions): Promise<Cluster> {
  const { userAgent } = options;
  const access = options.kubeconfig === undefined ? await ofPod(options) : await ofKubeconfig(context, options);
  const { url, caPem, insecure, certificate, key, authorization, serverName } = access;
  const client = createHttpClient({
    userAgent,
    roots: caPem === undefined ? undefined : () => Promise.resolve([caPem]),
    hosts: new Map([[url.host, { ca: undefined, certificate, key, insecure, serverName }]]),
  });
  return {
    address: url.origin,
    close: () => client.close(),
    async ask(method, path, body) {
      const bytes = body && new TextEncoder().encode(JSON.stringify(body));
      try {
        const response = await client.request(context, {
          method,
          url: new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url),
          headers: { accept: 'application/json', ...(bytes ? { 'content-type': 'application/json' } : {}) },
          authorization,
          body: bytes && { sizeBytes: bytes.length, open: () => bytes },
          retries: 0,
          maxRedirects: 0,
          idleTimeoutMs: waitMs,
        });
        return answerOf(response.status, await response.bytes(largestAnswer));
      } catch (error) {
        return { status: 0, body: undefined, message: messageOf(error) };
      }
    },
  };
}

function answerOf(status: number, bytes: Uint8Array): ClusterAnswer {
  let body: JsonObject | undefined;
  try {
    body = asObject(parseJson(bytes, { maxBytes: largestAnswer }));
  } catch {
    body = undefined;
  }
  const isFine = status >= 200 && status < 300 && body !== undefined;
  const words = body === undefined ? textOf(bytes.subarray(0, 300)).trim() : asString(body['message']);
  return { status, body, message: isFine ? '' : words || `the status is ${status}` };
}

interface Access {
  readonly url: URL;
  readonly caPem: string | undefined;
  readonly insecure: boolean;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly authorization: string | undefined;
  readonly serverName: string | undefined;
}

async function ofKubeconfig(context: Context, { host, kubeconfig: file }: ClusterOptions): Promise<Access> {
  const { path = '', text = '' } = file ?? {};
  const faults = new FaultList();
  const kubeconfig = readKubeconfig(text, path, faults);
  const files = new ServerFiles(host, undefined, faults);
  const connection = kubeconfig && (await readConnection(kubeconfig, { now: context.now(), faults, files, path }));
  if (connection === undefined) {
    const [first] = faults.sorted();
    throw noAccess(`${path} names no cluster that can be asked${first === undefined ? '' : `: ${first.what}`}`);
  }
  const problem = faults
    .sorted()
    .find(({ id }) => id === 'file-missing' || id === 'file-is-folder' || id === 'data-not-base64');
  if (problem !== undefined) throw noAccess(`${path} cannot be used: ${problem.what}`);
  const isBare = connection.certificate === undefined && connection.authorization === undefined;
  if (isBare && faults.sorted().some(({ id }) => id === 'exec-credentials' || id === 'auth-provider')) {
    throw noAccess(`${path} gets its credentials from a program, which is not run`);
  }
  return connection;
}

async function ofPod({ host, environment }: ClusterOptions): Promise<Access> {
  const address = environment['KUBERNETES_SERVICE_HOST'];
  const token = await host.look(`${accountFolder}/token`);
  const ca = await host.look(`${accountFolder}/ca.crt`);
  if (!address || token.kind !== 'file') throw noAccess('this is no pod with a service account');
  const shown = address.includes(':') ? `[${address}]` : address;
  return {
    url: new URL(`https://${shown}:${environment['KUBERNETES_SERVICE_PORT'] || '443'}/`),
    caPem: ca.kind === 'file' ? textOf(ca.bytes) : undefined,
    insecure: false,
    certificate: undefined,
    key: undefined,
    authorization: `Bearer ${textOf(token.bytes).trim()}`,
    serverName: undefined,
  };
}

function noAccess(message: string): ControlPlaneError {
  return new ControlPlaneError('NO_CLUSTER_ACCESS', message, {
    hint: 'name a kubeconfig with an address, and a certificate or a token, or in-cluster in a pod',
  });
}
