import type { ChildProcess } from 'node:child_process';
import { chownSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NodeBox } from './node-box.js';

export interface ContainerMount {
  /** In the box. */
  readonly from: string;
  readonly to: string;
  readonly readOnly: boolean;
}

export interface ContainerOptions {
  readonly name: string;
  /** Program and words. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMount[];
  readonly user: number;
  readonly readOnlyRoot: boolean;
  readonly dropsAll: boolean;
}

/**
 * Runs a program of the box where it sees nothing of it but `/usr`, what its image brings, and its mounts; the network is
 * the box's. A folder that a pod does not mount is not there, as in a real container.
 */
export function startContainer(box: NodeBox, options: ContainerOptions): ChildProcess {
  const { name, mounts, words, env, user, readOnlyRoot, dropsAll } = options;
  const folder = `/run/containers/${name}`;
  const root = `${folder}/root`;
  rmSync(box.path(folder), { recursive: true, force: true });
  for (const one of ['etc', 'tmp', 'proc', 'dev', 'usr', 'opt', 'var']) {
    mkdirSync(box.path(join(root, one)), { recursive: true });
  }
  writeFileSync(box.path(`${root}/etc/passwd`), 'root:x:0:0:root:/:/none\nnonroot:x:65532:65532::/:/none\n');
  const lines = [`mount --bind ${root} ${root}`];
  for (const one of ['/bin', '/sbin', '/lib', '/lib64']) lines.push(`[ ! -L ${one} ] || cp -P ${one} ${root}${one}`);
  for (const one of ['/usr', '/opt', '/proc', '/dev']) lines.push(`mount --rbind ${one} ${root}${one}`);
  for (const { from, to, readOnly } of mounts) {
    // The image has its root read-only later; places to mount at are made before.
    const place = box.path(join(root, to));
    if (statSync(box.path(from)).isDirectory()) mkdirSync(place, { recursive: true });
    else {
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, '');
    }
    lines.push(`mount --rbind '${from}' '${root}${to}'`);
    if (readOnly) lines.push(`mount -o remount,bind,ro '${root}${to}'`);
  }
  if (readOnlyRoot) lines.push(`mount -o remount,bind,ro ${root}`);
  const limits = [
    `--reuid=${user}`,
    `--regid=${user}`,
    '--clear-groups',
    '--pdeathsig=KILL',
    ...(dropsAll ? ['--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'] : []),
  ];
  const settings = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  lines.push(`exec chroot ${root} setpriv ${limits.join(' ')} -- env -i "$@"`);
  return box.spawn(['unshare', '--mount', 'sh', '-ec', lines.join('\n'), 'sh', ...settings, ...words]);
}

/** A folder for an `emptyDir`, which its user may write. */
export function emptyFolder(box: NodeBox, path: string, user: number): void {
  rmSync(box.path(path), { recursive: true, force: true });
  mkdirSync(box.path(path), { recursive: true });
  chownSync(box.path(path), user, user);
}
