import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { parse } from 'yaml';
import { readManifest } from '../../src/control-plane/index.js';
import { notBuilt, program as builtProgram } from '../robustness/program.js';
import { apiServerIsAbsent, findApiServer } from '../support/kube-apiserver.js';
import { patched } from '../support/node/kind-cluster.js';
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
import { startMachine } from '../support/node/machine.js';
import { noBoxReason, type NodeBox } from '../support/node/node-box.js';
import { repoPath, temporaryFolder } from '../support/paths.js';

const program = process.env['TIDEWAITER_PROGRAM'] ?? builtProgram;
const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const folder = '/etc/kubernetes/image-admission';
const wanted = {
  'enable-admission-plugins': 'NodeRestriction,ImagePolicyWebhook',
  'admission-control-config-file': `${folder}/admission-configuration.yaml`,
};

test('the real kubeadm makes an API server with our flags and our folder of each form that init writes', async (t) => {
  const [assets, kubeadm, noBox] = [findApiServer(), findKubeadm(), noBoxReason()];
  if (process.env['TIDEWAITER_PROGRAM'] === undefined && notBuilt) return t.skip(notBuilt);
  if (assets === undefined) return t.skip(apiServerIsAbsent);
  if (kubeadm === undefined) return t.skip(kubeadmIsAbsent);
  if (noBox !== undefined) return t.skip(noBox);
  const root = temporaryFolder(t);
  const shown = { '/opt/program': dirname(program) };
  const box = await startMachine({ root, hostname: 'node-1', assets, kubeadm, shown });
  t.after(() => box.close());
  writeFileSync(join(root, 'local/bin/tidewaiter'), '#!/bin/sh\nexec node /opt/program/cli.js "$@"\n', { mode: 0o755 });
  cpSync(repoPath('examples', 'policies', 'allowlist.yaml'), box.path('/root/policy.yaml'));
  await mustRun(box, `tidewaiter admission init --out admission --policy policy.yaml --config-dir ${folder} --no-scan`);
  await kubeadmInit(box, kubeadmConfiguration(box));
  const plain = readFileSync(box.path(manifest), 'utf8');

  for (const [name, base] of [
    ['kubeadm-config.patch.yaml', kubeadmConfiguration(box)],
    ['kubeadm-config.v1beta3.patch.yaml', olderConfiguration(box)],
  ] as const) {
    await t.test(name, async () => {
      const merged = patched(base, [readFileSync(box.path(`/root/admission/${name}`), 'utf8')]);
      assert.notEqual(merged, patched(base, []), 'the patch is of that version');
      writeFileSync(box.path('/root/kubeadm.yaml'), merged);
      await mustRun(box, 'kubeadm config validate --config kubeadm.yaml');
      await mustRun(box, 'kubeadm init phase control-plane apiserver --config kubeadm.yaml');
      const text = readFileSync(box.path(manifest), 'utf8');
      assertReady(text);
      assert.deepEqual(parse(text).spec.containers[0].args, undefined);
    });
  }

  await t.test('kubeadm-patches, and the API server that comes of it', async () => {
    const patches = 'kind: InitConfiguration\npatches: {directory: /root/admission/kubeadm-patches}';
    const configuration = kubeadmConfiguration(box).replace('kind: InitConfiguration', patches);
    writeFileSync(box.path('/root/kubeadm.yaml'), configuration);
    await mustRun(box, 'kubeadm init phase control-plane apiserver --config kubeadm.yaml');
    const text = readFileSync(box.path(manifest), 'utf8');
    assertReady(text);
    assert.deepEqual(parse(text).spec.containers[0].command, parse(plain).spec.containers[0].command);

    mkdirSync(box.path(folder), { recursive: true });
    await mustRun(box, `cp -rp admission/files/. ${folder}/`);
    const kubelet = new Kubelet(box, controlPlaneImage);
    kubelet.start();
    try {
      await completeCluster(box);
      const refused = await box.run('kubectl run x --image=registry.example.com/app:1 --dry-run=server');
      assert.match(refused.stderr, /127\.0\.0\.1:8443\/image-policy.*connection refused/);

      // Edited once more by --apply, as after an upgrade with the patches: nothing is there twice.
      const line = `tidewaiter admission init --out admission --policy policy.yaml --config-dir ${folder} --no-scan`;
      await mustRun(box, `${line} --apply --skip-check`);
      const edited = readFileSync(box.path(manifest), 'utf8');
      assertReady(edited);
      const { volumes, containers } = parse(edited).spec;
      const names = (list: readonly { name: string }[]): readonly string[] => list.map(({ name }) => name);
      for (const list of [names(volumes), names(containers[0].volumeMounts)]) {
        assert.equal(new Set(list).size, list.length);
      }
      await kubelet.settled();
      await mustRun(box, 'until kubectl get --raw /readyz; do sleep 0.1; done');
    } finally {
      await kubelet.stop();
    }
  });
});

function assertReady(text: string): void {
  const { server, configuration, hostPath } = readManifest(text, manifest);
  assert.equal(configuration, wanted['admission-control-config-file']);
  assert.equal(hostPath(`${folder}/ca.crt`), `${folder}/ca.crt`);
  const plugins = server.flags.filter(({ name }) => name === 'enable-admission-plugins').map(({ value }) => value);
  assert.equal(plugins.at(-1), wanted['enable-admission-plugins']);
}

function olderConfiguration(box: NodeBox): string {
  return kubeadmConfiguration(box)
    .replaceAll('v1beta4', 'v1beta3')
    .replace(/^encryptionAlgorithm: .*\n/m, '')
    .replace(/^etcd: .*$/m, 'etcd: {local: {extraArgs: {unsafe-no-fsync: "true"}}}');
}
