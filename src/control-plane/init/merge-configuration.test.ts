import assert from 'node:assert/strict';
import test from 'node:test';
import { mergedConfiguration, newConfiguration, presentImagePolicy } from './merge-configuration.js';

const ours = { name: 'ImagePolicyWebhook', configuration: { imagePolicy: { kubeConfigFile: '/ours.yaml' } } };
const folder = {
  name: 'ValidatingAdmissionPolicy',
  configuration: { kind: 'ValidatingAdmissionPolicyConfiguration', staticManifestsDir: '/ours' },
};

test('the older form, in JSON or YAML, is replaced by the current one', () => {
  for (const text of [
    '{"imagePolicy": {"kubeConfigFile": "/old.conf", "allowTTL": 50, "defaultAllow": true}}',
    'imagePolicy: {kubeConfigFile: /old.conf}\n',
  ]) {
    assert.deepEqual(mergedConfiguration(text, '/etc/a.json', [ours]), newConfiguration([ours]));
    assert.equal(presentImagePolicy(text, '/etc/a.json'), '/old.conf');
  }
});

test('other plugins of a configuration in JSON stay, and paths become absolute', () => {
  const text = JSON.stringify({
    apiVersion: 'apiserver.k8s.io/v1alpha1',
    kind: 'AdmissionConfiguration',
    plugins: [
      { name: 'PodSecurity', configuration: { kind: 'PodSecurityConfiguration' } },
      { name: 'EventRateLimit', path: 'limits.yaml' },
      { name: 'ImagePolicyWebhook', path: 'image-policy.yaml' },
    ],
  });
  assert.deepEqual(mergedConfiguration(text, '/etc/k/a.json', [ours, folder]), {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [
      { name: 'PodSecurity', configuration: { kind: 'PodSecurityConfiguration' } },
      { name: 'EventRateLimit', path: '/etc/k/limits.yaml' },
      ours,
      folder,
    ],
  });
  assert.equal(presentImagePolicy(text, '/etc/k/a.json'), 'image-policy.yaml');
});

test('a plugin whose settings lie in another file, and other documents, are not touched', () => {
  const file = (plugin: string): string =>
    `apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n- ${plugin}\n`;
  for (const text of [
    file('{name: ValidatingAdmissionPolicy, path: policies.yaml}'),
    file('{name: ValidatingAdmissionPolicy, configuration: {staticManifestsDir: /theirs}}'),
    'apiVersion: v1\nkind: Pod\n',
    '- a\n',
    'a: [\n',
    '',
  ]) {
    assert.throws(() => mergedConfiguration(text, '/etc/a.yaml', [folder]), { code: 'NOT_EDITABLE' });
    assert.equal(presentImagePolicy(text, '/etc/a.yaml'), undefined);
  }
});
