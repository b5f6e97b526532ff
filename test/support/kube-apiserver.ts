import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { dirname, join } from 'node:path';
import { freePort } from './free-port.js';

/** What a test says when it skips because there is no API server. */
export const apiServerIsAbsent = 'KUBEBUILDER_ASSETS names no folder with kube-apiserver and etcd';

/** The folder with a real kube-apiserver and etcd that `KUBEBUILDER_ASSETS` names, if they are there. */
export function findApiServer(): string | undefined {
  const folder = process.env['KUBEBUILDER_ASSETS'];
  if (!folder) return undefined;
  return ['kube-apiserver', 'etcd'].every((program) => existsSync(join(folder, program))) ? folder : undefined;
}

export interface ApiServerOptions {
  /** With both programs: see `findApiServer`. */
  readonly assets: string;
  /** An empty folder that outlives the server. */
  readonly folder: string;
  /** Written below the folder before the start: relative path to text. */
  readonly files?: Readonly<Record<string, string>>;
  /** Added to the command line; may name the files. */
  readonly flags?: readonly string[];
  /** Leave the admission plugin ServiceAccount on: pods need an account then, and get its pull secrets. */
  readonly serviceAccounts?: boolean;
  /** Users beside the administrator, with their groups: each has its name as its token. */
  readonly users?: Readonly<Record<string, readonly string[]>>;
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** The administrator's if absent. */
  readonly token?: string;
}

export interface ApiAnswer {
  readonly status: number;
  /** Parsed, if it is JSON; else the text. */
  readonly body: unknown;
  /** `message` of a `Status`, or nothing. */
  readonly message: string;
  /** Texts of the `Warning` headers. */
  readonly warnings: readonly string[];
}

/** A kube-apiserver over an etcd of its own, on loopback; nothing schedules or runs pods. */
export interface ApiServer {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** Certificate authority of its certificate, PEM. */
  readonly ca: string;
  /** Of a user who may do everything. */
  readonly token: string;
  ask(question: ApiRequest): Promise<ApiAnswer>;
  /** The API server's log so far. */
  log(): string;
  close(): Promise<void>;
}

const adminToken = 'administrator';
const readyWithinMs = 60_000;

/** Starts both programs and waits until the API server says that it is ready. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { assets, folder } = options;
  writeFiles(options);
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const etcd = startProgram(folder, join(assets, 'etcd'), [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
    `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
    '--unsafe-no-fsync',
  ]);
  const server = startProgram(folder, join(assets, 'kube-apiserver'), [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, 'certificates')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'service-account.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'service-account.key')}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    ...(options.serviceAccounts === true ? [] : ['--disable-admission-plugins=ServiceAccount']),
    ...(options.flags ?? []),
  ]);
  const close = async (): Promise<void> => {
    agent.destroy();
    await ended(server);
    await ended(etcd);
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const certificate = join(folder, 'certificates', 'apiserver.crt');
  const ask = (question: ApiRequest): Promise<ApiAnswer> => askServer(agent, port, readFileSync(certificate), question);
  try {
    await untilReady(() => (existsSync(certificate) ? ask({ path: '/readyz' }) : undefined), [etcd, server]);
  } catch (error) {
    await close();
    throw error;
  }
  const ca = readFileSync(certificate, 'utf8');
  return {
    url: `https://127.0.0.1:${port}`,
    ca,
    token: adminToken,
    ask: (question) => askServer(agent, port, ca, question),
    log: () => server.log(),
    close,
  };
}

function writeFiles({ folder, files = {}, users = {} }: ApiServerOptions): void {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const tokens = Object.entries({ [adminToken]: ['system:masters'], ...users });
  const all = {
    'service-account.key': key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'service-account.pub': key.publicKey.export({ type: 'spki', format: 'pem' }),
    'tokens.csv': tokens.map(([name, groups]) => `${name},${name},${name},"${groups.join(',')}"\n`).join(''),
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
}

/** A program that runs beside the test. */
export interface Program {
  readonly child: ChildProcess;
  log(): string;
}

/** Starts a program whose words go to a log of its name in the folder. */
export function startProgram(
  folder: string,
  program: string,
  words: readonly string[],
  workingFolder: string = folder,
): Program {
  const name = program.slice(program.lastIndexOf('/') + 1);
  const logFile = join(folder, `${name}.log`);
  const log = openSync(logFile, 'a');
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder };
  const child = spawn(program, words, { cwd: workingFolder, env, stdio: ['ignore', log, log] });
  child.on('error', () => {}); // seen as an exit
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill); // a run of tests that is broken off leaves nothing behind
  child.on('exit', () => process.off('exit', kill));
  closeSync(log);
  return { child, log: () => readFileSync(logFile, 'utf8') };
}

async function untilReady(ask: () => Promise<ApiAnswer> | undefined, programs: readonly Program[]): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  let last = 'no answer';
  while (Date.now() < deadline) {
    const gone = programs.find(({ child }) => child.exitCode !== null || child.pid === undefined);
    if (gone !== undefined) throw new Error(`ended at once: ${gone.log().slice(-2000)}`);
    try {
      const answer = await ask();
      if (answer?.status === 200) return;
      last = String(answer?.body);
    } catch (error) {
      last = String(error);
    }
    await new Promise<void>((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the API server is not ready: ${last}`);
}

/** Ends a program, at the latest after five seconds. */
export async function ended({ child }: Program): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await exit;
  clearTimeout(timer);
}

function askServer(agent: Agent, port: number, ca: string | Buffer, question: ApiRequest): Promise<ApiAnswer> {
  const { method = 'GET', path, body, contentType = 'application/json', token = adminToken } = question;
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(text === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
    };
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent, ca }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const answer = parseAnswer(Buffer.concat(pieces).toString('utf8'));
        const warnings = warningTexts(response.headers.warning);
        resolve({ status: response.statusCode ?? 0, body: answer, message: messageIn(answer), warnings });
      });
    });
    sent.setTimeout(30_000, () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.on('error', reject);
    sent.end(text);
  });
}

function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // health answers are plain text
  }
}

function messageIn(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('message' in body)) return '';
  return typeof body.message === 'string' ? body.message : '';
}

/** `299 - "text"`, several joined by commas; the text has its quotes and backslashes escaped. */
function warningTexts(header: string | undefined): readonly string[] {
  return [...(header ?? '').matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replaceAll(/\\(.)/g, '$1'),
  );
}
