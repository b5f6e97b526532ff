import assert from 'node:assert/strict';
import test from 'node:test';
import { FaultList } from './fault.js';
import { listOf, readFlags, splitWords } from './flags.js';
import { readApiServer } from './read-api-server.js';

const flagsOf = (text: string): readonly string[] =>
  (readApiServer(text, '/f', new FaultList())?.flags ?? []).map(
    ({ name, value, place }) => `${place.line} ${name}=${value}`,
  );

test('a unit of systemd: continued lines, quotes, variables', () => {
  const unit = `# kube-apiserver
[Unit]
Description=API server
[Service]
Environment="ARGS=--v=2 --secure-port=6443" FOLDER=/etc/kubernetes
ExecStart=/usr/bin/kube-apiserver \\
  --admission-control-config-file=\${FOLDER}/ac.yaml \\
# a comment in between
  '--enable-admission-plugins=A,B' $ARGS
WorkingDirectory=/var/lib/kubernetes
[Install]
`;
  assert.deepEqual(flagsOf(unit), [
    '7 admission-control-config-file=/etc/kubernetes/ac.yaml',
    '9 enable-admission-plugins=A,B',
    '5 v=2',
    '5 secure-port=6443',
  ]);
  assert.equal(readApiServer(unit, '/f', new FaultList())?.workingFolder, '/var/lib/kubernetes');
});

test('k3s: its configuration and its unit', () => {
  const config = `write-kubeconfig-mode: "0644"
kube-apiserver-arg:
- admission-control-config-file=/etc/ac.yaml
- "enable-admission-plugins=NodeRestriction,ImagePolicyWebhook"
`;
  assert.deepEqual(flagsOf(config), [
    '3 admission-control-config-file=/etc/ac.yaml',
    '4 enable-admission-plugins=NodeRestriction,ImagePolicyWebhook',
  ]);
  const unit = `[Service]\nExecStart=/usr/local/bin/k3s \\\n    server \\\n\t'--kube-apiserver-arg=v=2' \\\n`;
  assert.deepEqual(flagsOf(unit), ['4 v=2']);
});

test('a plain command line, and that of a process', () => {
  assert.deepEqual(flagsOf('kube-apiserver --a=1 --b 2 \\\n  --c\n'), ['1 a=1', '1 b=2', '2 c=undefined']);
  assert.deepEqual(flagsOf('/usr/bin/kube-apiserver\0--a=1 2\0--b\0'), ['1 a=1 2', '1 b=undefined']);
  const faults = new FaultList();
  assert.equal(readApiServer('nothing of that kind', '/f', faults), undefined);
  assert.equal(faults.sorted()[0]?.id, 'not-an-api-server');
});

test('lists are fields of CSV', () => {
  const items = (value: string): readonly string[] =>
    listOf(readFlags([{ text: `--x=${value}`, place: { file: '/f' } }]), 'x').map(({ text }) => text);
  assert.deepEqual(items('A,B'), ['A', 'B']);
  assert.deepEqual(items('"A","B"'), ['A', 'B']);
  assert.deepEqual(items('"A,B"'), ['A,B']);
  assert.deepEqual(items('"A'), ['"A']);
  assert.deepEqual(items(',,'), []);
});

test('words of a shell', () => {
  assert.deepEqual(splitWords(`a "b c" 'd "e' f\\ g ""`), ['a', 'b c', 'd "e', 'f g', '']);
  assert.deepEqual(splitWords('"open'), ['open']);
});
