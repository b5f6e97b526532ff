import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { end } from './kubelet.js';
import { pause, type NodeBox } from './node-box.js';

const units = '/etc/systemd/system';
/** What is done here by its meaning, and what restricts a program in ways that are not. */
const known: Readonly<Record<string, ReadonlySet<string>>> = {
  Unit: set('Description After Wants Before'),
  Service: set(
    'Type ExecStart ExecReload Restart RestartSec TimeoutStopSec CacheDirectory StateDirectory StateDirectoryMode Environment UMask ' +
      'CapabilityBoundingSet NoNewPrivileges ProtectSystem ProtectHome PrivateTmp PrivateDevices MemoryMax ' +
      'ProtectKernelTunables ProtectKernelModules ProtectControlGroups RestrictAddressFamilies RestrictNamespaces ' +
      'LockPersonality SystemCallArchitectures',
  ),
  Install: set('WantedBy'),
};

function set(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

type Unit = ReadonlyMap<string, readonly string[]>;

/** What runs a program other than by starting it: k3s, which is not here. */
export type Special = (words: readonly string[]) => Promise<ChildProcess>;

/**
 * Stands in for systemd: reads the units that lie in its folder when it is told to, starts and stops their programs with
 * their environment and restrictions, and starts anew what ends by itself.
 */
export class Systemd {
  readonly #box: NodeBox;
  readonly #special: Readonly<Record<string, Special>>;
  readonly #running = new Map<string, ChildProcess>();
  #units = new Map<string, string>();

  constructor(box: NodeBox, special: Readonly<Record<string, Special>> = {}) {
    this.#box = box;
    this.#special = special;
    this.#load();
  }

  /** `systemctl` with these words. */
  async systemctl(words: readonly string[]): Promise<{ readonly exitCode: number; readonly said: string }> {
    const [verb, ...rest] = words.filter((word) => word !== '--now');
    const isNow = words.includes('--now');
    if (verb === 'daemon-reload' && rest.length === 0) {
      this.#load();
      return { exitCode: 0, said: '' };
    }
    const [name, ...more] = rest.map((one) => (one.includes('.') ? one : `${one}.service`));
    const text = name === undefined ? undefined : this.#units.get(name);
    if (name === undefined || more.length > 0)
      return { exitCode: 1, said: `not understood here: ${words.join(' ')}\n` };
    if (text === undefined) return { exitCode: 5, said: `Unit ${name} could not be found.\n` };
    const unit = readUnit(text, name);
    switch (verb) {
      case 'enable':
        this.#link(name, unit, true);
        if (isNow) await this.#begin(name, unit);
        break;
      case 'disable':
        this.#link(name, unit, false);
        if (isNow) await this.#end(name);
        break;
      case 'start':
        await this.#begin(name, unit);
        break;
      case 'restart':
        await this.#end(name);
        await this.#begin(name, unit);
        break;
      case 'stop':
        await this.#end(name);
        break;
      case 'is-active':
        return { exitCode: this.isActive(name) ? 0 : 3, said: '' };
      default:
        return { exitCode: 1, said: `Unknown command verb '${verb ?? ''}'.\n` };
    }
    return { exitCode: 0, said: '' };
  }

  isActive(name: string): boolean {
    return this.#running.has(name);
  }

  async stop(): Promise<void> {
    for (const name of [...this.#running.keys()].reverse()) await this.#end(name);
  }

  #load(): void {
    const folder = this.#box.path(units);
    mkdirSync(folder, { recursive: true });
    const names = readdirSync(folder).filter((name) => name.endsWith('.service'));
    this.#units = new Map(names.map((name) => [name, readFileSync(`${folder}/${name}`, 'utf8')]));
  }

  #link(name: string, unit: Unit, isWanted: boolean): void {
    for (const target of unit.get('WantedBy') ?? []) {
      const folder = this.#box.path(`${units}/${target}.wants`);
      mkdirSync(folder, { recursive: true });
      rmSync(`${folder}/${name}`, { force: true });
      if (isWanted) symlinkSync(`${units}/${name}`, `${folder}/${name}`);
    }
  }

  async #begin(name: string, unit: Unit): Promise<void> {
    if (this.#running.has(name)) return;
    const words = (unit.get('ExecStart')?.at(-1) ?? '').split(' ');
    const special = this.#special[words[0] ?? ''];
    const child = special ? await special(words) : this.#spawn(words, unit);
    this.#running.set(name, child);
    child.once('exit', () => {
      if (this.#running.get(name) !== child) return;
      this.#running.delete(name);
      if (unit.get('Restart')?.at(-1) === 'always') void pause(300).then(() => this.#begin(name, unit));
    });
  }

  #spawn(words: readonly string[], unit: Unit): ChildProcess {
    const settings = (unit.get('Environment') ?? []).map((one) => one);
    const lines = [`umask ${unit.get('UMask')?.at(-1) ?? '0022'}`, 'mount --bind / /'];
    const own = [
      ...(unit.get('CacheDirectory') ?? []).map((one) => `/var/cache/${one}`),
      ...(unit.get('StateDirectory') ?? []).map((one) => `/var/lib/${one}`),
    ];
    for (const folder of own) {
      mkdirSync(this.#box.path(folder), { recursive: true });
      lines.push(`mount --bind ${folder} ${folder}`);
    }
    if (unit.get('PrivateTmp')?.at(-1) === 'yes') lines.push('mount -t tmpfs tmpfs /tmp');
    if (unit.get('ProtectHome')?.at(-1) === 'yes') lines.push('mount -t tmpfs -o mode=0,ro tmpfs /root');
    if (unit.get('ProtectSystem')?.at(-1) === 'strict') lines.push('mount -o remount,bind,ro /');
    const limits = [
      '--pdeathsig=KILL',
      ...(unit.get('CapabilityBoundingSet')?.at(-1) === '' ? ['--bounding-set=-all', '--inh-caps=-all'] : []),
      ...(unit.get('NoNewPrivileges')?.at(-1) === 'yes' ? ['--no-new-privs'] : []),
    ];
    lines.push(`exec setpriv ${limits.join(' ')} -- env -i "$@"`);
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    const child = this.#box.spawn([
      'unshare',
      '--mount',
      'sh',
      '-ec',
      lines.join('\n'),
      'sh',
      path,
      ...settings,
      ...words,
    ]);
    child.stdout?.resume();
    child.stderr?.on('data', (piece: Buffer) => this.journal.push(piece.toString('utf8')));
    return child;
  }

  /** What services have said on standard error. */
  readonly journal: string[] = [];

  async #end(name: string): Promise<void> {
    const child = this.#running.get(name);
    this.#running.delete(name);
    if (child) await end(child);
  }
}

/** @throws Error where a line is none that is understood, as a misspelt one would be. */
export function readUnit(text: string, name: string): Unit {
  const unit = new Map<string, string[]>();
  let section = '';
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const heading = /^\[(\w+)\]$/.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    else {
      const key = line.slice(0, line.indexOf('='));
      if (known[section]?.has(key) !== true) throw new Error(`${name}: [${section}] ${line}`);
      unit.set(key, [...(unit.get(key) ?? []), line.slice(key.length + 1)]);
    }
  }
  return unit;
}

/** Is a service started with the machine? */
export function isEnabled(box: NodeBox, name: string): boolean {
  const folder = box.path(`${units}/multi-user.target.wants`);
  return existsSync(folder) && readdirSync(folder).includes(name);
}
