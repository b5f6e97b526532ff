import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { parseReference } from '../reference/index.js';
import { createKeyring, createSecretKeyring, explainKey, readPullSecrets, type ImageName } from './index.js';
import { parseRegistryKey } from './registry-key.js';

const repoRoot = process.env.TIDEWAITER_REPO ?? process.cwd();

function recording(t: TestContext, file: string): readonly unknown[] {
  const path = join(repoRoot, '..', 'shared', 'data', 'recordings', file);
  if (!existsSync(path)) {
    t.skip('../shared is not here');
    return [];
  }
  return JSON.parse(readFileSync(path, 'utf8')) as unknown[];
}

/** The kubelet takes a registry with an underscore, which our own parser refuses. */
function parseImage(text: string): ImageName {
  const underscore = /^([a-z_.]*_[a-z_.]*)\/(.*)$/.exec(text);
  return underscore?.[1]?.includes('.')
    ? { registry: underscore[1], repository: underscore[2] ?? '' }
    : parseReference(text);
}

const normalized = (key: string): string => {
  const parsed = parseRegistryKey(key);
  return 'invalid' in parsed ? '' : parsed.normalized;
};

test("the kubelet's recorded choices of keys", (t) => {
  const rows = recording(t, 'pull-credentials.json') as readonly { keys: string[]; image: string; used: string[] }[];
  for (const { keys, image, used } of rows) {
    const name = parseImage(image);
    const found = createKeyring(keys.map((key) => ({ key }))).lookup(name);
    const shown = `${keys.join(' ')} for ${image}`;
    assert.deepEqual(
      found.map(({ key }) => normalized(key)),
      used.map(normalized),
      shown,
    );
    assert.deepEqual(found.map(({ key }) => key).sort(), [...used].sort(), shown);
    if (keys.length === 1) assert.equal(explainKey(keys[0] ?? '', name).matches, used.length === 1, shown);
  }
});

test("the kubelet's recorded readings of documents", (t) => {
  const rows = recording(t, 'pull-secret-documents.json') as readonly {
    type: string;
    key: string;
    document: string;
    credentials?: { username: string; password: string }[];
    error?: string;
  }[];
  for (const { type, key, document, credentials, error } of rows) {
    const manifest = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      type,
      data: { [key]: Buffer.from(document).toString('base64') },
    };
    const keyring = createSecretKeyring(readPullSecrets(JSON.stringify(manifest), 's.json').secrets);
    assert.equal(keyring.faults.length > 0, error !== undefined, document);
    if (error !== undefined) continue;
    const found = keyring.lookup({ registry: 'reg.io', repository: 'x' });
    assert.deepEqual(
      found.map(({ username, password }) => ({ username, password })),
      credentials,
      document,
    );
  }
});
