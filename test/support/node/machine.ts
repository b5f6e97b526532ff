import { chmodSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NodeBox } from './node-box.js';

export interface MachineOptions {
  readonly root: string;
  readonly hostname: string;
  /** Folder with kube-apiserver, etcd and kubectl. */
  readonly assets: string;
  readonly kubeadm: string;
  readonly shown?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly network?: NodeBox;
}

/** The address of the first machine of a network: one of those that documents use. */
export const machineAddress = '192.0.2.10';

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A box with Node.js, npm, kubectl, kubeadm and what documents need besides; no cluster yet. */
export async function startMachine(options: MachineOptions): Promise<NodeBox> {
  const { root, hostname, assets, kubeadm, network } = options;
  const npm = findNpm();
  const shown: Record<string, string> = {
    '/opt/node/node': process.execPath,
    '/opt/kube': assets,
    '/opt/kubeadm': kubeadm,
    ...(npm === undefined ? {} : { '/opt/npm': npm }),
    ...options.shown,
  };
  const bin = join(root, 'local', 'bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync('/opt/node/node', join(bin, 'node'));
  symlinkSync('/opt/kube/kubectl', join(bin, 'kubectl'));
  symlinkSync('/opt/kubeadm', join(bin, 'kubeadm'));
  script(join(bin, 'npm'), 'exec node /opt/npm/bin/npm-cli.js "$@"');
  script(join(bin, 'probe'), `exec node -e '${probe}' "$1"`);
  const env = {
    PATH: path,
    HOME: '/root',
    LC_ALL: 'C.UTF-8',
    // As with a Node.js that lies in /usr/local/bin.
    npm_config_prefix: '/usr/local',
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
    ...options.env,
  };
  return await NodeBox.start({ root, hostname, address: machineAddress, shown, env, network });
}

const probe =
  'require(process.argv[1].split(":")[0]).get(process.argv[1],{rejectUnauthorized:false,timeout:2000},(r)=>process.exit(r.statusCode===200?0:1)).on("error",()=>process.exit(1))';

function script(file: string, line: string): void {
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}

/** The folder of the npm on the path. */
export function findNpm(): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    const program = join(folder, 'npm');
    if (!existsSync(program)) continue;
    const home = dirname(dirname(realpathSync(program)));
    if (existsSync(join(home, 'bin', 'npm-cli.js'))) return home;
  }
  return undefined;
}
