import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What a command of a document did. */
export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface BoxOptions {
  /** An empty folder that outlives the box; it becomes its `/`. */
  readonly root: string;
  readonly hostname: string;
  /** Besides 127.0.0.1 and ::1. */
  readonly address: string;
  /** Path in the box to a file or folder of this machine, which is seen there and cannot be written. */
  readonly shown: Readonly<Record<string, string>>;
  /** Of every command. */
  readonly env: Readonly<Record<string, string>>;
  /** Another box whose network this one shares. */
  readonly network?: NodeBox | undefined;
}

const programs = ['unshare', 'nsenter', 'setpriv', 'chroot', 'mount', 'ip', 'hostname'] as const;
const readyWithinMs = 10_000;

/** Why no box can be made here; nothing if it can. */
export function noBoxReason(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux may mount folders';
  const path = (process.env['PATH'] ?? '').split(':');
  const missing = programs.filter((one) => !path.some((folder) => existsSync(join(folder, one))));
  if (missing.length > 0) return `there is no ${missing.join(', ')}`;
  const { status, stderr } = spawnSync('unshare', ['-mnu', 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' });
  return status === 0 ? undefined : `no namespaces can be made here: ${stderr.trim()}`;
}

/**
 * A machine of its own on this one: `/usr` is that of the host, all else is a folder of the test, the network has nothing
 * but a loopback, and mounts are seen by nobody else. Its processes end with the test, whatever becomes of it.
 */
export class NodeBox {
  readonly root: string;
  readonly hostname: string;
  readonly address: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #holder: ChildProcess;
  readonly #children = new Set<ChildProcess>();

  private constructor({ root, hostname, address, env }: BoxOptions, holder: ChildProcess) {
    this.root = root;
    this.hostname = hostname;
    this.address = address;
    this.#env = env;
    this.#holder = holder;
  }

  static async start(options: BoxOptions): Promise<NodeBox> {
    const { root, network } = options;
    makeFolders(options);
    const ready = join(root, 'run', 'ready');
    writeFileSync(join(root, 'run', 'set-up.sh'), setUpScript(options));
    const own = ['unshare', '--mount', '--uts', ...(network ? [] : ['--net']), '--propagation', 'private'];
    const joined = network ? ['nsenter', `--net=/proc/${network.pid}/ns/net`] : [];
    const words = ['--pdeathsig', 'KILL', ...joined, ...own, 'sh', '-e', join(root, 'run', 'set-up.sh')];
    const holder = spawn('setpriv', words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    holder.stderr.on('data', (piece: Buffer) => (said += piece.toString('utf8')));
    const until = Date.now() + readyWithinMs;
    while (!existsSync(ready)) {
      if (holder.exitCode !== null || Date.now() > until) throw new Error(`no box was made: ${said}`);
      await pause(10);
    }
    return new NodeBox(options, holder);
  }

  get pid(): number {
    return this.#holder.pid ?? 0;
  }

  /** Where a path of the box lies on this machine. */
  path(inside: string): string {
    return join(this.root, resolve('/', inside));
  }

  /** Starts a program in the box. */
  spawn(words: readonly string[], options: { readonly cwd?: string; readonly stdin?: boolean } = {}): ChildProcess {
    const pid = String(this.pid);
    const enter = ['-t', pid, '--mount', '--net', '--uts', `--root=/proc/${pid}/root`, `--wd=${this.#wd(options.cwd)}`];
    const tied = ['setpriv', '--pdeathsig', 'KILL', '--'];
    const child = spawn('nsenter', [...enter, ...tied, ...words], {
      env: this.#env,
      stdio: [options.stdin === true ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    child.on('error', () => {}); // seen as an exit
    return child;
  }

  #wd(cwd = '/root'): string {
    return `/proc/${this.pid}/root${cwd}`;
  }

  /** Runs a line of a shell, as written, in the home of root. */
  async run(line: string, { stdin = '', timeoutMs = 60_000, cwd = '/root' } = {}): Promise<Ran> {
    const child = this.spawn(['sh', '-c', line], { cwd, stdin: true });
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (piece: Buffer) => (stdout += piece.toString('utf8')));
    child.stderr?.on('data', (piece: Buffer) => (stderr += piece.toString('utf8')));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);
    // With all that the shell has started.
    const timer = setTimeout(() => {
      stderr += `\nno end in ${timeoutMs / 1000} s`;
      killGroup(child);
    }, timeoutMs);
    const exitCode = await new Promise<number | null>((done) => child.once('close', done));
    clearTimeout(timer);
    return { exitCode, stdout, stderr };
  }

  /** Ends all that runs in it. */
  async close(): Promise<void> {
    const left = [...this.#children, this.#holder].filter((one) => one.exitCode === null && one.signalCode === null);
    const ends = left.map((child) => new Promise<void>((done) => child.once('exit', () => done())));
    for (const child of left) killGroup(child);
    await Promise.all(ends);
  }
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // no leader of a group, or gone
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Folders of the host that every box sees. */
const hostFolders = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/usr'];
const ownFolders = ['etc', 'root', 'tmp', 'run', 'proc', 'sys', 'dev', 'usr', 'var/lib', 'var/log/pods', 'local/bin'];

function makeFolders({ root, hostname, shown }: BoxOptions): void {
  for (const folder of ownFolders) mkdirSync(join(root, folder), { recursive: true });
  for (const path of hostFolders.filter((one) => existsSync(one) && one !== '/usr')) {
    if (lstatSync(path).isSymbolicLink()) symlinkSync(readlinkSync(path), join(root, path));
    else mkdirSync(join(root, path));
  }
  for (const [inside, outside] of Object.entries(shown)) {
    const place = placeOf(root, inside);
    mkdirSync(lstatSync(outside).isDirectory() ? place : dirname(place), { recursive: true });
    if (!lstatSync(outside).isDirectory()) writeFileSync(place, '');
  }
  const etc = {
    hosts: `127.0.0.1 localhost ${hostname}\n::1 localhost\n`,
    hostname: `${hostname}\n`,
    passwd: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n',
    group: 'root:x:0:\nnogroup:x:65534:\n',
    'resolv.conf': '',
  };
  for (const [name, text] of Object.entries(etc)) writeFileSync(join(root, 'etc', name), text);
  rmSync(join(root, 'run', 'ready'), { force: true });
}

/** `/usr/local` is the box's own, whatever the host has there. */
function placeOf(root: string, inside: string): string {
  return join(root, inside.startsWith('/usr/local/') ? inside.slice('/usr'.length) : inside);
}

function setUpScript({ root, hostname, address, shown, network }: BoxOptions): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const show = (from: string, to: string): string[] => [
    `mount --rbind ${quoted(from)} ${quoted(to)}`,
    `mount -o remount,bind,ro ${quoted(to)}`,
  ];
  const real = hostFolders.filter((one) => existsSync(one) && !lstatSync(one).isSymbolicLink());
  return [
    `hostname ${quoted(hostname)}`,
    ...(network ? [] : ['ip link set lo up', `ip address add ${address}/32 dev lo`]),
    `mount --rbind ${quoted(root)} ${quoted(root)}`,
    ...real.flatMap((folder) => show(folder, join(root, folder))),
    `mount --bind ${quoted(join(root, 'local'))} ${quoted(join(root, 'usr/local'))}`,
    ...['proc', 'dev', 'sys'].map((folder) => `mount --rbind /${folder} ${quoted(join(root, folder))}`),
    ...Object.entries(shown).flatMap(([inside, outside]) => show(outside, placeOf(root, inside))),
    // Told from within: whoever entered before would be on this machine itself.
    `exec chroot ${quoted(root)} sh -c 'touch /run/ready; exec sleep infinity'`,
  ].join('\n');
}
