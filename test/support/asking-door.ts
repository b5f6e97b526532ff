import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { BreakGlass } from '../../src/admission/index.js';
import type { OpaKeys } from '../../src/opa/index.js';
import { parsePolicy } from '../../src/policy/index.js';
import {
  AdmissionMetrics,
  openAdmissionOpa,
  readTlsFiles,
  serveAdmission,
  Watched,
  type AdmissionServer,
  type AdmissionServerOptions,
  type NamedPolicy,
} from '../../src/server/index.js';
import { makeAuthority } from './certificates.js';
import { temporaryFolder } from './paths.js';

/** A server of reviews on loopback, in this process, whose rules may ask an OPA. */
export interface AskingDoor {
  readonly server: AdmissionServer;
  readonly records: readonly Readonly<Record<string, unknown>>[];
  /** File of the authority of its certificate, which is good for 127.0.0.1. */
  readonly authorityFile: string;
  ask(path: string, body?: unknown, method?: string): Promise<DoorAnswer>;
}

export interface DoorAnswer {
  readonly status: number;
  readonly text: string;
  /** Parsed, if it is JSON. */
  readonly body: unknown;
  readonly ms: number;
}

export interface AskingDoorOptions
  extends Partial<
    Pick<AdmissionServerOptions, 'decisionMs' | 'clients' | 'scans' | 'exemptNamespaces' | 'maxBodyBytes'>
  > {
  /** Text of the policy. */
  readonly policy: string;
  readonly keys?: OpaKeys;
  readonly breakGlass?: BreakGlass;
}

/** It ends with the test. */
export async function openAskingDoor(t: TestContext, options: AskingDoorOptions): Promise<AskingDoor> {
  const { policy, keys, breakGlass, ...rest } = options;
  const folder = temporaryFolder(t);
  const authority = await makeAuthority('admission');
  const issued = await authority.issue({ names: ['127.0.0.1'] });
  const path = (name: string): string => join(folder, name);
  writeFileSync(path('server.crt'), issued.cert);
  writeFileSync(path('server.key'), issued.key);
  writeFileSync(path('ca.crt'), authority.pem);
  const files = { certificate: path('server.crt'), key: path('server.key') };
  const metrics = new AdmissionMetrics();
  const watched = async <Value>(value: Value): Promise<Watched<Value>> =>
    await Watched.open({ what: 'a value', paths: [], load: () => Promise.resolve(value), log: () => {} });
  const opa = openAdmissionOpa({
    keys: keys && (await watched(keys)),
    environment: { HOME: folder },
    offline: false,
    metrics,
  });
  const records: Readonly<Record<string, unknown>>[] = [];
  const open = { required: false, names: new Set<string>() };
  const server = await serveAdmission({
    address: { host: '127.0.0.1', port: 0 },
    tls: await Watched.open({
      what: 'the certificates',
      paths: Object.values(files),
      load: () => readTlsFiles(files),
      log: () => {},
    }),
    policy: await watched<NamedPolicy>({ policy: parsePolicy(policy, 'policy'), name: 'door' }),
    breakGlass: breakGlass && (await watched(breakGlass)),
    exemptNamespaces: new Set(),
    clients: { imageReview: open, admissionReview: open },
    opa,
    records: {
      add: (record) => void records.push(JSON.parse(JSON.stringify(record)) as Readonly<Record<string, unknown>>),
      problem: undefined,
      waiting: 0,
      reopen: () => Promise.resolve(),
    },
    decisionMs: 3000,
    maxBodyBytes: 1024 * 1024,
    log: () => {},
    metrics,
    ...rest,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 100 });
  t.after(async () => {
    agent.destroy();
    await server.close({ announceMs: 0, graceMs: 100 });
    await opa.close();
  });
  return {
    server,
    records,
    authorityFile: path('ca.crt'),
    ask: (at, body, method = 'POST') =>
      new Promise((resolve, reject) => {
        const startedAt = performance.now();
        const sent = request(
          { agent, host: '127.0.0.1', port: server.address.port, path: at, method, ca: authority.pem },
          (response) => {
            const pieces: Buffer[] = [];
            response.on('data', (piece: Buffer) => pieces.push(piece));
            response.on('error', reject);
            response.on('end', () => {
              const text = Buffer.concat(pieces).toString('utf8');
              const ms = performance.now() - startedAt;
              resolve({ status: response.statusCode ?? 0, text, body: parsed(text), ms });
            });
          },
        );
        sent.on('error', reject);
        sent.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
      }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // health answers are plain text
  }
}

/** The body of an ImageReview. */
export function imageReviewOf(images: readonly string[], namespace = 'shop'): object {
  return {
    kind: 'ImageReview',
    apiVersion: 'imagepolicy.k8s.io/v1alpha1',
    metadata: {},
    spec: { containers: images.map((image) => ({ image })), namespace },
  };
}

/** The body of an AdmissionReview of a pod. */
export function podReviewOf(images: readonly string[], namespace = 'shop', labels: object = {}): object {
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: 'uid-1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace,
      operation: 'CREATE',
      userInfo: { username: 'jane', groups: ['dev'] },
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', labels },
        spec: { containers: images.map((image, at) => ({ name: `c${at}`, image })) },
      },
    },
  };
}

/** What either protocol, or OPA's, answers. */
export function allowedBy({ body }: DoorAnswer): boolean {
  const { status, response, result } = body as {
    status?: { allowed?: boolean };
    response?: { allowed?: boolean };
    result?: { allow?: boolean };
  };
  return status?.allowed ?? response?.allowed ?? result?.allow ?? false;
}
