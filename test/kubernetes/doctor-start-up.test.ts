import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { examine, explainLog, openHost } from '../../src/control-plane/index.js';
import { createContext } from '../../src/core/index.js';
import { makeAuthority } from '../support/certificates.js';
import { apiServerIsAbsent, findApiServer } from '../support/kube-apiserver.js';
import { temporaryFolder } from '../support/paths.js';
import { startEtcd, tryStart, type Etcd } from '../support/start-up.js';
import { furtherCases, imagePolicyCases, type StartUpCase } from './start-up-cases.js';
import { staticManifestCases } from './static-manifest-cases.js';

/** Each fault that stops the server once, by the first case that has it. */
function oneOfEach(cases: readonly StartUpCase[]): readonly StartUpCase[] {
  const seen = new Set<string>();
  return cases.filter(({ starts, fault, words }) => {
    const key = `${fault} ${words ?? ''}`;
    if (starts || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

async function keysAndCertificates(): Promise<Readonly<Record<string, string>>> {
  const authority = await makeAuthority();
  const client = await authority.issue({ names: [], client: true, commonName: 'kube-apiserver' });
  const other = await authority.issue({ names: [] });
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    'pki/ca.crt': authority.pem,
    'pki/client.crt': client.cert,
    'pki/client.key': client.key,
    'pki/other.key': other.key,
    'service-account.key': String(key.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    'service-account.pub': String(key.publicKey.export({ type: 'spki', format: 'pem' })),
  };
}

test('a real API server ends as the doctor says, and its last words are explained', async (t) => {
  const assets = findApiServer();
  if (assets === undefined) return t.skip(apiServerIsAbsent);
  const folder = temporaryFolder(t);
  const etcd = await startEtcd(assets, folder);
  t.after(() => etcd.close());
  const common = await keysAndCertificates();
  const cases = oneOfEach([...imagePolicyCases, ...furtherCases, ...staticManifestCases]);
  assert.ok(cases.length >= 40, `${cases.length} faults`);
  const waiting = [...cases.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await tryCase(next[1], { assets, etcd, common, folder: join(folder, `case-${next[0]}`) });
    }
  };
  await Promise.all([work(), work(), work()]);
});

interface Bench {
  readonly assets: string;
  readonly etcd: Etcd;
  readonly common: Readonly<Record<string, string>>;
  readonly folder: string;
}

async function tryCase(one: StartUpCase, { assets, etcd, common, folder }: Bench): Promise<void> {
  const fill = (text: string): string => text.replaceAll('{dir}', folder);
  for (const [name, text] of Object.entries({ ...common, ...one.files })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), fill(text), { mode: 0o600 });
  }
  const flags = one.flags.map(fill);
  const unit = `[Service]\nWorkingDirectory=${fill(one.workingFolder)}\nExecStart=/kube-apiserver ${flags
    .map((flag) => JSON.stringify(flag))
    .join(' ')}\n`;
  const { serves, log } = await tryStart({ assets, folder, etcd, flags, workingFolder: fill(one.workingFolder) });
  assert.equal(serves, false, `${one.setting} starts`);
  const { faults } = await examine(createContext(), {
    host: openHost('/'),
    apiServer: { path: join(folder, 'kube-apiserver.service'), text: unit },
  });
  const found = faults.find(({ id }) => id === one.fault);
  assert.equal(found?.severity, 'error', `${one.setting}: ${JSON.stringify(faults)}`);
  const last = explainLog(log).find(({ ends }) => ends);
  assert.equal(last?.id, one.words ?? one.fault, `${one.setting}: ${log.slice(-1500)}`);
}
