import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import type { JsonObject } from '../../src/formats/index.js';
import { notBuilt, program as builtProgram, tidewaiter } from '../robustness/program.js';
import { freePort } from '../support/free-port.js';
import { apiServerIsAbsent, findApiServer, startApiServer } from '../support/kube-apiserver.js';
import { temporaryFolder } from '../support/paths.js';

const program = process.env['TIDEWAITER_PROGRAM'] ?? builtProgram;
const skip = process.env['TIDEWAITER_PROGRAM'] === undefined && notBuilt;
const policy = `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: images}
rules:
- {name: trusted, registries: {allow: [registry.example.com]}}
`;

test('admission init --emit static-manifests: enforced from the disk, and out of reach of the API', {
  skip,
}, async (t) => {
  const assets = findApiServer();
  if (assets === undefined) return t.skip(apiServerIsAbsent);
  const folder = temporaryFolder(t);
  const [out, port] = [join(folder, 'out'), await freePort()];
  writeFileSync(join(folder, 'policy.yaml'), policy);
  const words = ['--out', out, '--policy', join(folder, 'policy.yaml'), '--form', 'validating', '--no-scan'];
  const place = ['--config-dir', join(out, 'files'), '--port', String(port), '--emit', 'static-manifests'];
  const written = await tidewaiter(['admission', 'init', ...words, ...place], { program, env: { HOME: folder } });
  assert.equal(written.exitCode, 0, written.stderr);

  const { apiServer } = parse(readFileSync(join(out, 'kubeadm-config.v1beta3.patch.yaml'), 'utf8'));
  const flags = Object.entries<string>(apiServer.extraArgs).map(([name, value]) => `--${name}=${value}`);
  const server = await startApiServer({ assets, folder: join(folder, 'cluster'), flags });
  const serve = /^ExecStart=\S+ (.*)$/m.exec(readFileSync(join(out, 'image-admission.service'), 'utf8'))?.[1] ?? '';
  const state = { TIDEWAITER_CACHE_DIR: join(folder, 'cache'), TIDEWAITER_STATE_DIR: join(folder, 'state') };
  const webhook = spawn(process.execPath, [program, ...serve.split(' ')], {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...state },
    stdio: 'ignore',
  });
  t.after(() => webhook.kill('SIGKILL'));
  try {
    const create = (image: string, namespace = 'default', name = 'x'): ReturnType<typeof server.ask> => {
      const body = { metadata: { name }, spec: { containers: [{ name: 'x', image }] } };
      return server.ask({ method: 'POST', path: `/api/v1/namespaces/${namespace}/pods?dryRun=All`, body });
    };
    let admitted = await create('registry.example.com/app:1');
    for (let tries = 0; admitted.status !== 201 && tries < 100; tries++) {
      // Nobody answers yet, and the webhook of the disk fails closed.
      assert.match(admitted.message, /failed calling webhook/);
      await new Promise<void>((done) => setTimeout(done, 100));
      admitted = await create('registry.example.com/app:1');
    }
    assert.equal(admitted.status, 201, admitted.message);
    const refused = await create('docker.io/library/nginx:1');
    assert.equal(refused.status, 403);
    assert.match(refused.message, /static\.k8s\.io/);
    assert.equal((await create('docker.io/library/nginx:1', 'kube-system')).status, 201);

    const base = '/apis/admissionregistration.k8s.io/v1';
    const laid = ['policies/validating-admission-policy.yaml', 'webhooks/validating-webhook.yaml'].flatMap((name) =>
      parseAllDocuments(readFileSync(join(out, 'files', name), 'utf8')).map((one): JsonObject => one.toJS()),
    );
    assert.equal(laid.length, 3);
    for (const body of laid) {
      const { kind, metadata } = parse(JSON.stringify(body));
      const plural = `${base}/${String(kind).toLowerCase().replace(/y$/, 'ie')}s`;
      const gone = await server.ask({ method: 'DELETE', path: `${plural}/${metadata.name}` });
      assert.equal(gone.status, 404, kind);
      const made = await server.ask({ method: 'POST', path: plural, body });
      assert.equal(made.status, 422, `${kind}: ${made.message}`);
      assert.match(made.message, /reserved/);
    }
    assert.equal((await create('docker.io/library/nginx:1')).status, 403);

    // Another policy on the disk is taken up without a start.
    const next = policy.replace('registry.example.com', 'docker.io/library');
    writeFileSync(join(folder, 'policy.yaml'), next);
    const again = await tidewaiter(['admission', 'init', ...words, ...place], { program, env: { HOME: folder } });
    assert.equal(again.exitCode, 0, again.stderr);
    let answer = await create('registry.example.com/app:1');
    for (let tries = 0; answer.status !== 403 && tries < 150; tries++) {
      await new Promise<void>((done) => setTimeout(done, 100));
      answer = await create('registry.example.com/app:1');
    }
    assert.equal(answer.status, 403);
    renameSync(join(out, 'files/policies'), join(out, 'files/gone'));
    assert.equal((await create('registry.example.com/app:1')).status, 403);
  } finally {
    await server.close();
  }
});
