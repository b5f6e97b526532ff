import { join } from 'node:path';
import { freePort } from './free-port.js';
import { ended, startProgram, type Program } from './kube-apiserver.js';

/** An etcd of its own, for API servers that are only started to see how they end. */
export interface Etcd {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts etcd in a folder. It answers a moment later; API servers wait for it. */
export async function startEtcd(assets: string, folder: string): Promise<Etcd> {
  const [port, peer] = [await freePort(), await freePort()];
  const program = startProgram(folder, join(assets, 'etcd'), [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${port}`,
    `--advertise-client-urls=http://127.0.0.1:${port}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
    '--unsafe-no-fsync',
  ]);
  return { url: `http://127.0.0.1:${port}`, close: () => ended(program) };
}

export interface StartUp {
  readonly assets: string;
  /** A folder of its own, with the keys `service-account.key` and `.pub`. */
  readonly folder: string;
  readonly etcd: Etcd;
  readonly flags: readonly string[];
  /** Folder the process starts in. */
  readonly workingFolder?: string;
}

const patienceMs = 40_000;

/**
 * Starts an API server and waits until it has ended, or serves.
 * @returns its log, and whether it came up
 */
export async function tryStart({ assets, folder, etcd, flags, workingFolder }: StartUp): Promise<{
  readonly serves: boolean;
  readonly log: string;
}> {
  const program: Program = startProgram(
    folder,
    join(assets, 'kube-apiserver'),
    [
      `--etcd-servers=${etcd.url}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${await freePort()}`,
      `--cert-dir=${join(folder, 'certificates')}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${join(folder, 'service-account.pub')}`,
      `--service-account-signing-key-file=${join(folder, 'service-account.key')}`,
      '--authorization-mode=RBAC',
      ...flags,
    ],
    workingFolder,
  );
  const until = Date.now() + patienceMs;
  let serves = false;
  while (program.child.exitCode === null && !serves && Date.now() < until) {
    await new Promise<void>((resolve) => setTimeout(resolve, 50));
    serves = program.log().includes('Serving securely on');
  }
  await ended(program);
  return { serves, log: program.log() };
}
