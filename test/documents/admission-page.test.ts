import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { notBuilt, program as builtProgram } from '../robustness/program.js';
import { apiServerIsAbsent, findApiServer } from '../support/kube-apiserver.js';
import { Controllers } from '../support/node/controllers.js';
import { buildImage } from '../support/node/image-build.js';
import { installK3s, K3s } from '../support/node/k3s.js';
import { KindHost } from '../support/node/kind-cluster.js';
import {
  completeCluster,
  controlPlaneImage,
  findKubeadm,
  kubeadmConfiguration,
  kubeadmInit,
  kubeadmIsAbsent,
  mustRun,
} from '../support/node/kubeadm-cluster.js';
import { Kubelet } from '../support/node/kubelet.js';
import { findNpm, startMachine } from '../support/node/machine.js';
import { noBoxReason, type NodeBox, type Ran } from '../support/node/node-box.js';
import { standIn } from '../support/node/stand-ins.js';
import { isEnabled, Systemd } from '../support/node/systemd.js';
import { repoPath, temporaryFolder } from '../support/paths.js';
import { shellLines, type ShellLine } from './shell-lines.js';

/** The folder of the package that is installed. */
const packageFolder = join(process.env['TIDEWAITER_PROGRAM'] ?? builtProgram, '..', '..');
const lines = shellLines(readFileSync(repoPath('docs', 'admission.md'), 'utf8'));
const unit = 'image-admission.service';
const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const readyAgain = 'until kubectl get --raw /readyz; do sleep 0.1; done';

/** What a command may end with, where that is not success. */
interface Expected {
  readonly exitCode?: number;
  readonly says?: RegExp;
}

test('docs/admission.md: every command, as written, on machines of their own', { concurrency: 2 }, async (t) => {
  const [assets, kubeadm, noBox] = [findApiServer(), findKubeadm(), noBoxReason()];
  if (process.env['TIDEWAITER_PROGRAM'] === undefined && notBuilt) return t.skip(notBuilt);
  if (assets === undefined || !existsSync(join(assets, 'kubectl'))) return t.skip(apiServerIsAbsent);
  if (kubeadm === undefined) return t.skip(kubeadmIsAbsent);
  if (noBox !== undefined) return t.skip(noBox);
  if (findNpm() === undefined) return t.skip('there is no npm');
  const reader = new Reader(t, { assets, kubeadm, packed: packed(t) });
  await Promise.all([
    t.test('kubeadm', async (sub) => await onKubeadm(reader, sub)),
    t.test('kind', async (sub) => await onKind(reader, sub)),
    t.test('k3s', async (sub) => await onK3s(reader, sub)),
    t.test('in a cluster, and without a server', async (sub) => await inCluster(reader, sub)),
  ]);
  await t.test('nothing is left out', () => {
    const left = lines.filter((one) => !reader.followed.has(one.line));
    assert.deepEqual(
      left.map(({ line, command }) => `${line}: ${command}`),
      [],
    );
  });
});

async function onKubeadm(reader: Reader, t: TestContext): Promise<void> {
  const box = await reader.machine(t, 'node-1');
  await kubeadmInit(box, kubeadmConfiguration(box));
  const kubelet = new Kubelet(box, controlPlaneImage);
  const systemd = new Systemd(box);
  const over = standIn(box, { systemctl: (words) => systemd.systemctl(words), docker: dockerOf(box) });
  kubelet.start();
  try {
    await completeCluster(box);
    const before = allBelow(box.path('/etc'));
    await reader.follow(box, 'The program');
    await reader.follow(box, 'The policy');
    const follows = async (): Promise<void> => await kubelet.settled();
    await reader.follow(box, 'kubeadm', { 0: { exitCode: 3, says: /does not answer/ } }, follows);
    const edited = readFileSync(box.path(manifest), 'utf8');
    assert.match(edited, /--enable-admission-plugins=NodeRestriction,ImagePolicyWebhook/);
    assert.ok(isEnabled(box, unit));
    await holds(reader, box);

    // The server down: refused, whatever the image is.
    await systemd.systemctl(['stop', 'image-admission']);
    const down = await box.run('kubectl run admitted --image=registry.example.com/other:1 --dry-run=server');
    assert.equal(down.exitCode, 1);
    assert.match(down.stderr, /connection refused/);
    await systemd.systemctl(['start', 'image-admission']);

    // The API server does not come up: the last command of the section tells why.
    const kubeconfig = '/etc/kubernetes/pki/image-admission/kubeconfig.yaml';
    await mustRun(box, `mv ${kubeconfig} kept.yaml; echo '# touched' >>${manifest}`);
    await kubelet.settled();
    await mustRun(
      box,
      'until grep -q "command failed" /var/log/pods/kube-system_kube-apiserver-*/kube-apiserver/*.log; do sleep 0.1; done',
    );
    const out = reader.linesOf('Out of kubeadm');
    const [words] = out.filter(({ command }) => command.includes('doctor --log'));
    const told = await reader.run(box, words ?? assert.fail('no command reads a log'));
    assert.match(told.stdout, /kubeconfig/);
    await mustRun(box, `mv kept.yaml ${kubeconfig}`);

    for (const line of out.filter((one) => one !== words)) {
      const { exitCode, stderr } = await reader.run(box, line);
      assert.equal(exitCode, 0, `${line.command}: ${stderr}`);
      await kubelet.settled();
    }
    assert.deepEqual(allBelow(box.path('/etc')), before);
    assert.ok(!isEnabled(box, unit) && !systemd.isActive(unit));
    await mustRun(box, `${readyAgain}; kubectl run free --image=docker.io/evil/app:1 --dry-run=server`);
  } finally {
    await systemd.stop();
    await kubelet.stop();
    await over();
    await box.close();
  }
}

/** The cluster has no flags of ours: nothing but what is in it is asked. */
async function inCluster(reader: Reader, t: TestContext): Promise<void> {
  const box = await reader.machine(t, 'node-2');
  await kubeadmInit(box, kubeadmConfiguration(box));
  const kubelet = new Kubelet(box, controlPlaneImage);
  kubelet.start();
  let controllers: Controllers | undefined;
  try {
    await reader.install(box);
    await completeCluster(box);
    const image = await buildImage(box, '/root/examples/container/Dockerfile', '/root');
    controllers = new Controllers(box, { namespace: 'tidewaiter', name: 'image-admission' }, image);
    controllers.start();
    await reader.follow(box, 'In the cluster', { 4: { exitCode: 0, says: /SELF_BLOCKING/ } });
    assert.deepEqual(controllers.troubles, []);
    const deployment = 'kubectl create deployment x --dry-run=server';
    await mustRun(box, `until ${deployment} --image=docker.io/evil/app:1 2>&1 | grep denied; do sleep 0.1; done`);
    const refused = await box.run(`${deployment} --image=docker.io/evil/app:1`);
    assert.match(refused.stderr, /denied the request: .*(?:not from an allowed registry|known-registries)/);
    await mustRun(box, `${deployment} --image=registry.example.com/app:1`);
    await mustRun(box, 'kubectl run refused --image=docker.io/evil/app:1 --dry-run=server; [ $? = 1 ]');
    await mustRun(
      box,
      'kubectl -n kube-system run system --image=docker.io/evil/app:1 --overrides=\'{"spec":{"serviceAccountName":"x","automountServiceAccountToken":false}}\' --dry-run=server 2>&1 | grep -v denied',
    );

    await reader.follow(box, 'Without a server');
    await mustRun(
      box,
      `until ${deployment} --image=docker.io/evil/app:1 2>&1 | grep ValidatingAdmissionPolicy; do sleep 0.1; done`,
    );

    await reader.follow(box, 'Out of the cluster');
    await mustRun(box, `until ${deployment} --image=docker.io/evil/app:1; do sleep 0.1; done`);
  } finally {
    await controllers?.stop();
    await kubelet.stop();
    await box.close();
  }
}

async function onKind(reader: Reader, t: TestContext): Promise<void> {
  const host = await reader.machine(t, 'workstation');
  const kind = new KindHost(
    host,
    async (hostname, shown) => await reader.machine(t, hostname, { shown, network: host }),
  );
  const over = standIn(host, kind.programs);
  try {
    await reader.install(host);
    await mustRun(host, reader.linesOf('The program').at(-1)?.command ?? 'false');
    await reader.follow(host, 'kind');
    assert.deepEqual(kind.kubelet?.troubles, []);
    assert.deepEqual(kind.kubelet?.pods(), ['etcd', 'image-admission', 'kube-apiserver']);
    await holds(reader, host);
    await reader.follow(host, 'Out of kind');
    assert.equal(kind.node, undefined);
  } finally {
    await kind.stop();
    await over();
    await host.close();
  }
}

async function onK3s(reader: Reader, t: TestContext): Promise<void> {
  const box = await reader.machine(t, 'server-1', { env: { KUBECONFIG: '/etc/rancher/k3s/k3s.yaml' } });
  await installK3s(box);
  const k3s = new K3s(box);
  const systemd = new Systemd(box, { '/usr/local/bin/k3s': async () => await k3s.start() });
  const over = standIn(box, { systemctl: (words) => systemd.systemctl(words), docker: dockerOf(box) });
  try {
    await systemd.systemctl(['enable', '--now', 'k3s']);
    await mustRun(box, 'kubectl create serviceaccount default');
    const before = allBelow(box.path('/etc'));
    await reader.install(box);
    await reader.follow(box, 'k3s', { 0: { exitCode: 3 } });
    await holds(reader, box);
    await reader.follow(box, 'Out of k3s');
    assert.deepEqual(allBelow(box.path('/etc')), before);
    await mustRun(box, 'kubectl run free --image=docker.io/evil/app:1 --dry-run=server');
  } finally {
    await systemd.stop();
    k3s.stop();
    await over();
    await box.close();
  }
}

async function holds(reader: Reader, box: NodeBox): Promise<void> {
  const [refused, admitted] = await reader.follow(box, 'Does it hold?', { 0: { exitCode: 1 } });
  assert.match(refused?.stderr ?? '', /image policy webhook backend denied one or more images: .*not from an allowed/);
  assert.match(admitted?.stdout ?? '', /pod\/admitted created/);
}

function dockerOf(
  box: NodeBox,
): (words: readonly string[], cwd: string) => Promise<{ exitCode: number; said: string }> {
  const { programs } = new KindHost(box, async () => await Promise.reject(new Error('no kind here')));
  return async (words, cwd) => (await programs['docker']?.(words, cwd)) ?? { exitCode: 127, said: '' };
}

interface Tools {
  readonly assets: string;
  readonly kubeadm: string;
  /** The package, as `npm pack` makes it. */
  readonly packed: string;
}

/** Follows the page, and knows which of its commands have been run. */
class Reader {
  readonly followed = new Set<number>();
  readonly #t: TestContext;
  readonly #tools: Tools;

  constructor(t: TestContext, tools: Tools) {
    this.#t = t;
    this.#tools = tools;
  }

  async machine(
    t: TestContext,
    hostname: string,
    more: Pick<Parameters<typeof startMachine>[0], 'shown' | 'env' | 'network'> = {},
  ): Promise<NodeBox> {
    const root = temporaryFolder(this.#t);
    mkdirSync(join(root, 'root'), { recursive: true });
    cpSync(this.#tools.packed, join(root, 'root', 'tidewaiter-0.0.0.tgz'));
    for (const folder of ['policies', 'container']) {
      cpSync(repoPath('examples', folder), join(root, 'root', 'examples', folder), { recursive: true });
    }
    const box = await startMachine({ root, hostname, ...this.#tools, ...more });
    t.after(() => box.close());
    return box;
  }

  /** What the page tells first, where it has been followed elsewhere: the package where npm puts it, and the policy. */
  async install(box: NodeBox): Promise<void> {
    await mustRun(
      box,
      `mkdir -p /usr/local/lib/node_modules && cd /usr/local/lib/node_modules && tar -xzf /root/tidewaiter-*.tgz
      mv package tidewaiter && ln -s ../lib/node_modules/tidewaiter/dist/cli.js /usr/local/bin/tidewaiter
      cp /root/examples/policies/allowlist.yaml /root/policy.yaml`,
    );
  }

  linesOf(section: string): readonly ShellLine[] {
    const own = lines.filter((one) => one.section === section);
    assert.ok(own.length > 0, `the page has no commands in "${section}"`);
    return own;
  }

  async run(box: NodeBox, line: ShellLine): Promise<Ran> {
    this.followed.add(line.line);
    return await box.run(line.command);
  }

  /** Runs the commands of a section, in order; `after` each of them. */
  async follow(
    box: NodeBox,
    section: string,
    expected: Readonly<Record<number, Expected>> = {},
    after: () => Promise<void> = async () => {},
  ): Promise<readonly Ran[]> {
    const answers: Ran[] = [];
    for (const [at, line] of this.linesOf(section).entries()) {
      const ran = await this.run(box, line);
      const { exitCode = 0, says = /^/ } = expected[at] ?? {};
      const what = `docs/admission.md:${line.line}: ${line.command}\n${ran.stdout}\n${ran.stderr}`;
      assert.equal(ran.exitCode, exitCode, what);
      assert.match(`${ran.stdout}${ran.stderr}`, says, what);
      answers.push(ran);
      await after();
    }
    return answers;
  }
}

function packed(t: TestContext): string {
  const folder = temporaryFolder(t);
  const { stdout, stderr, status } = spawnSync('npm', ['pack', '--silent', packageFolder], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return join(folder, stdout.trim());
}

/** Every file and folder below one, with what it holds. */
function allBelow(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const told = entries
    .filter((one) => !one.isSymbolicLink() && !one.name.endsWith('.wants'))
    .map((one) => {
      const path = join(one.parentPath, one.name);
      return [path.slice(folder.length), one.isFile() ? readFileSync(path, 'utf8') : ''] as const;
    });
  return Object.fromEntries(told.sort(([one], [other]) => (one < other ? -1 : 1)));
}
