import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Agent, request, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { program } from '../robustness/program.js';
import { makeAuthority, type Authority, type IssuedCertificate } from './certificates.js';

export interface AdmissionProgramOptions {
  /** An empty folder that outlives the program. */
  readonly folder: string;
  /** Text of the policy. */
  readonly policy: string;
  /** Further words of the command line. */
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: any. */
  readonly port?: number;
}

export interface Told {
  readonly status: number;
  readonly type: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Parsed, if it is JSON. */
  readonly body: unknown;
}

export interface AskOptions {
  readonly method?: string;
  readonly path: string;
  readonly body?: string | Uint8Array;
  /** What the client shows; `none` for nothing. Default: a certificate of the authority, named kube-apiserver. */
  readonly client?: IssuedCertificate | 'none';
  readonly authority?: Authority;
}

/** The built `admission serve` over certificates of its own, on loopback. */
export interface AdmissionProgram {
  readonly port: number;
  readonly folder: string;
  readonly authority: Authority;
  readonly client: IssuedCertificate;
  readonly child: ChildProcess;
  ask(options: AskOptions): Promise<Told>;
  /** What it has said on standard error. */
  said(): string;
  /** Sends a signal (default: SIGTERM) and waits for the end: its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Writes policy and certificates into the folder, and waits until it listens. */
export async function startAdmissionProgram(options: AdmissionProgramOptions): Promise<AdmissionProgram> {
  const { folder, policy, words = [], env = {}, port: wanted = 0 } = options;
  const authority = await makeAuthority('admission');
  const server = await authority.issue({ names: ['127.0.0.1', 'localhost'] });
  const client = await authority.issue({ names: [], client: true, commonName: 'kube-apiserver' });
  const files = {
    'policy.yaml': policy,
    'server.crt': server.cert,
    'server.key': server.key,
    'ca.crt': authority.pem,
    'client.crt': client.cert,
    'client.key': client.key,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const line = [
    '--policy=policy.yaml',
    '--tls-cert=server.crt',
    '--tls-key=server.key',
    '--client-ca=ca.crt',
    '--audit-log=decisions.jsonl',
    '--shutdown-delay=0s',
    `--listen=127.0.0.1:${wanted}`,
    ...words,
  ];
  const child = spawn(process.execPath, [program, 'admission', 'serve', ...line], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill); // a run of tests that is broken off leaves nothing behind
  let said = '';
  child.stderr?.on('data', (piece: Buffer) => (said += piece.toString('utf8')));
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      process.off('exit', kill);
      resolve(code);
    });
  });
  const port = await portOf(child, () => said);
  const agents = new Map<string, Agent>();
  return {
    port,
    folder,
    authority,
    client,
    child,
    said: () => said,
    async end(signal = 'SIGTERM') {
      for (const agent of agents.values()) agent.destroy();
      child.kill(signal);
      return await ended;
    },
    async ask({ method = 'POST', path, body, client: shown = client, authority: trusted = authority }) {
      const key = shown === 'none' ? 'none' : shown.cert;
      const agent = agents.get(key) ?? new Agent({ keepAlive: true, maxSockets: 50 });
      agents.set(key, agent);
      const credentials = shown === 'none' ? {} : { cert: shown.cert, key: shown.key };
      return await tell({ agent, host: '127.0.0.1', port, method, path, ca: trusted.pem, ...credentials }, body);
    },
  };
}

function portOf(child: ChildProcess, said: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const port = /listening on https:\/\/\S+?:([0-9]+),/.exec(said())?.[1];
      if (port === undefined) return;
      child.stderr?.off('data', look);
      resolve(Number(port));
    };
    child.stderr?.on('data', look);
    child.once('close', (code) => reject(new Error(`it ended with ${code}: ${said()}`)));
  });
}

function tell(options: RequestOptions, body: string | Uint8Array | undefined): Promise<Told> {
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(pieces).toString('utf8');
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, type: headers['content-type'], headers, text, body: parsed(text) });
      });
    });
    sent.setTimeout(30_000, () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // health answers are plain text
  }
}
