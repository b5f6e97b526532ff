import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { makeAuthority } from './certificates.js';
import { freePort } from './free-port.js';

/** A registry that somebody else wrote, running as a process of its own on loopback. */
export interface RealRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** The certificate authority of its certificate, PEM; absent where it speaks plain HTTP. */
  readonly ca: string | undefined;
  /** Its log so far. */
  log(): string;
  close(): Promise<void>;
}

/** A program on the path, or in the folder of peers that `TIDEWAITER_PEERS` names. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), process.env['TIDEWAITER_PEERS'] ?? ''];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(existsSync);
}

/** Debian's `docker-registry`: distribution, with TLS from a private authority and the users of a htpasswd file. */
export async function startDistribution(
  folder: string,
  users: Readonly<Record<string, string>>,
): Promise<RealRegistry> {
  const binary = required('docker-registry');
  const port = await freePort();
  const authority = await makeAuthority();
  const { cert, key } = await authority.issue({ names: ['localhost', '127.0.0.1'] });
  mkdirSync(join(folder, 'data'), { recursive: true });
  writeFileSync(join(folder, 'server.crt'), cert);
  writeFileSync(join(folder, 'server.key'), key, { mode: 0o600 });
  writeFileSync(
    join(folder, 'htpasswd'),
    Object.entries(users)
      .map(([user, password]) => entry(user, password))
      .join(''),
  );
  const config = {
    version: 0.1,
    log: { accesslog: { disabled: false }, level: 'warn' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: {
      addr: `127.0.0.1:${port}`,
      tls: { certificate: join(folder, 'server.crt'), key: join(folder, 'server.key') },
    },
    auth: { htpasswd: { realm: 'tests', path: join(folder, 'htpasswd') } },
  };
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config)); // JSON is YAML
  return await start({ binary, words: ['serve', join(folder, 'config.yml')], folder, port, ca: authority.pem });
}

/** go-containerregistry's registry, in memory, plain HTTP, open to all. */
export async function startCraneRegistry(folder: string): Promise<RealRegistry> {
  const port = await freePort();
  return await start({ binary: required('registry'), words: ['--port', String(port)], folder, port });
}

/** One line of a htpasswd file; distribution takes bcrypt and nothing else. */
function entry(user: string, password: string): string {
  const { stdout, status } = spawnSync(required('htpasswd'), ['-nbB', user, password], { encoding: 'utf8' });
  if (status !== 0) throw new Error('htpasswd failed');
  return `${stdout.trim()}\n`;
}

interface Start {
  readonly binary: string;
  readonly words: readonly string[];
  readonly folder: string;
  readonly port: number;
  readonly ca?: string;
}

async function start({ binary, words, folder, port, ca }: Start): Promise<RealRegistry> {
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, 'log.txt');
  const log = (): string => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  const child = spawn('sh', ['-c', 'exec "$0" "$@" >>"$TEST_LOG" 2>&1', binary, ...words], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, TEST_LOG: logFile, PORT: String(port) },
  });
  await answering(child, port, log);
  return { host: `127.0.0.1:${port}`, ca, log, close: () => ended(child) };
}

async function answering(child: ChildProcess, port: number, log: () => string): Promise<void> {
  const { connect } = await import('node:net');
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`the registry ended at once: ${log()}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`the registry does not answer: ${log()}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await exit;
  clearTimeout(timer);
}

function required(name: string): string {
  const found = findProgram(name);
  if (found === undefined) throw new Error(`${name} is not here`);
  return found;
}
