import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import test from 'node:test';
import { notBuilt, tidewaiter } from '../robustness/program.js';
import { startAdmissionProgram } from '../support/admission-server.js';
import { makeAuthority } from '../support/certificates.js';
import { temporaryFolder } from '../support/paths.js';

const skip = notBuilt;
const token = '0123456789abcdef0123456789abcdef';

const policy = `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: door}
rules:
  - {name: trusted, registries: {allow: [registry.example.com]}}
`;

test('the page does not start without a way to know its readers', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const issued = await (await makeAuthority('page')).issue({ names: ['127.0.0.1'] });
  for (const [name, text] of Object.entries({
    'policy.yaml': policy,
    'server.crt': issued.cert,
    'server.key': issued.key,
    short: 'short\n',
    empty: '',
    same: 'aaaaaaaaaaaaaaaaaaaaaaaa\n',
  })) {
    writeFileSync(join(folder, name), text);
  }
  const words = [
    '--policy=policy.yaml',
    '--tls-cert=server.crt',
    '--tls-key=server.key',
    '--listen=127.0.0.1:0',
    '--no-scan',
  ];
  const listen = '--page-listen=127.0.0.1:0';
  const both = (page: string, server: string): readonly string[] => [
    `--page-listen=${page}`,
    `--listen=${server}`,
    '--page-token=short',
  ];
  for (const [more, code] of [
    [[listen], 'CONFLICT'],
    [['--page-token=short'], 'CONFLICT'],
    [['--page-client-ca=server.crt'], 'CONFLICT'],
    [[listen, '--page-token=short', '--page-client-name=operator'], 'CONFLICT'],
    [[listen, '--page-token=short'], 'INVALID_PAGE_TOKEN'],
    [[listen, '--page-token=empty'], 'INVALID_PAGE_TOKEN'],
    [[listen, '--page-token=same'], 'INVALID_PAGE_TOKEN'],
    [[listen, '--page-token=none'], 'INVALID_PAGE_TOKEN'],
    [[listen, '--page-client-ca=short'], 'INVALID_CERTIFICATE'],
    [['--page-listen=localhost:1', '--page-token=short'], 'INVALID_ADDRESS'],
    [both('127.0.0.1:8443', '127.0.0.1:8443'), 'CONFLICT'],
    [both('8443', '127.0.0.1:8443'), 'CONFLICT'],
    [both('127.0.0.1:8443', '0.0.0.0:8443'), 'CONFLICT'],
    [both('[::]:8443', '127.0.0.1:8443'), 'CONFLICT'],
    // Another address of the same port is another place.
    [both('[::1]:8443', '0.0.0.0:8443'), 'INVALID_PAGE_TOKEN'],
  ] as const) {
    const ended = await tidewaiter(['admission', 'serve', ...words, ...more], { cwd: folder, env: { HOME: folder } });
    assert.equal(ended.exitCode, 2, `${more.join(' ')}: ${ended.stderr}`);
    assert.match(ended.stderr, new RegExp(`result: error: ${code}`), more.join(' '));
    assert.ok(!/short\n|aaaa/.test(ended.stderr.replace('--page-token=short', '')), ended.stderr);
  }
});

test('scripts read the decisions of a running server, and see what its files do', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'page.token'), token, { mode: 0o644 });
  const door = await startAdmissionProgram({
    folder,
    policy,
    words: [
      '--no-scan',
      '--page-listen=127.0.0.1:0',
      '--page-token=page.token',
      '--page-client-ca=ca.crt',
      '--page-client-name=kube-apiserver',
    ],
  });
  try {
    const port = Number(/shown at https:\/\/127\.0\.0\.1:([0-9]+)/.exec(door.said())?.[1]);
    const ask = (path: string, how: object = { headers: { authorization: `Bearer ${token}` } }): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port, path, ca: door.authority.pem, agent: false, ...how };
        request(options, (response) => {
          let text = '';
          response.on('data', (piece: Buffer) => (text += piece.toString('utf8')));
          response.on('end', () => resolve(JSON.parse(text)));
        })
          .on('error', reject)
          .end();
      });
    const spec = { containers: [{ image: 'nginx' }], namespace: 'shop' };
    const review = { kind: 'ImageReview', apiVersion: 'imagepolicy.k8s.io/v1alpha1', spec };
    await door.ask({ path: '/image-policy', body: JSON.stringify(review) });
    const { decisions } = (await ask('/api/decisions?q=nginx')) as {
      decisions: readonly { id: string; outcome: string }[];
    };
    assert.deepEqual(
      decisions.map(({ outcome }) => outcome),
      ['deny'],
    );
    const { record } = (await ask(`/api/decisions/${decisions[0]?.id}`)) as {
      record: { denied: readonly { rule: string; fix: string }[] };
    };
    assert.equal(record.denied[0]?.rule, 'trusted');
    assert.match(record.denied[0]?.fix ?? '', /registry\.example\.com/);
    assert.deepEqual(await ask('/api/session', door.client), {
      signedIn: true,
      by: 'certificate',
      name: 'kube-apiserver',
    });
    assert.deepEqual(await ask('/api/session', {}), { signedIn: false });
    writeFileSync(join(folder, 'policy.yaml'), 'nonsense');
    door.child.kill('SIGHUP');
    const problemOf = async (): Promise<string | null | undefined> => {
      const { works } = (await ask('/api/status')) as { works: readonly { what: string; problem: string | null }[] };
      return works.find(({ what }) => what === 'the policy')?.problem;
    };
    while ((await problemOf()) === null) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(typeof (await problemOf()), 'string');
    assert.ok(!door.said().includes(token));
    assert.match(door.said(), /others on this machine may read page\.token/);
  } finally {
    assert.equal(await door.end(), 0);
  }
});
