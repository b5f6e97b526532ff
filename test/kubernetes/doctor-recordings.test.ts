import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { createContext } from '../../src/core/index.js';
import { examine, explainLog, memoryHost, type Examination, type FaultId } from '../../src/control-plane/index.js';
import { makeAuthority } from '../support/certificates.js';
import { sharedIsAbsent, sharedPath } from '../support/paths.js';
import { furtherCases, imagePolicyCases, type StartUpCase } from './start-up-cases.js';
import { staticManifestCases } from './static-manifest-cases.js';

const folder = '/etc/kubernetes/admission';
const cases = [...imagePolicyCases, ...furtherCases, ...staticManifestCases];

let pki: Promise<Readonly<Record<string, string>>> | undefined;

/** The certificates that the cases name. */
async function makePki(): Promise<Readonly<Record<string, string>>> {
  const authority = await makeAuthority();
  const [client, other] = [
    await authority.issue({ names: [], client: true, commonName: 'kube-apiserver' }),
    await authority.issue({ names: [] }),
  ];
  return {
    'pki/ca.crt': authority.pem,
    'pki/client.crt': client.cert,
    'pki/client.key': client.key,
    'pki/other.key': other.key,
  };
}

async function examineCase({ files, flags, workingFolder }: StartUpCase): Promise<Examination> {
  pki ??= makePki();
  const fill = (text: string): string => text.replaceAll('{dir}', folder);
  const all = Object.entries({ ...(await pki), ...files }).flatMap(([name, text]) =>
    text === undefined ? [] : [[`${folder}/${name}`, { text: fill(text), mode: 0o600 }] as const],
  );
  const unit = `[Service]\nWorkingDirectory=${fill(workingFolder)}\nExecStart=/usr/local/bin/kube-apiserver \\\n${flags
    .map((flag) => `  ${JSON.stringify(fill(flag))} \\`)
    .join('\n')}\n  --audit-policy-file=/etc/kubernetes/audit.yaml\n`;
  const path = '/etc/systemd/system/kube-apiserver.service';
  return await examine(createContext(), { host: memoryHost({ ...Object.fromEntries(all), [path]: unit }) });
}

test('every start-up that was tried: what fails is found, what works has no error', async () => {
  for (const one of cases) {
    const { faults } = await examineCase(one);
    const errors = faults.filter(({ severity }) => severity === 'error');
    const told = JSON.stringify(faults, null, 1);
    if (one.fault !== undefined) {
      const found = faults.find(({ id }) => id === one.fault);
      assert.ok(found, `${one.setting}: no ${one.fault} in ${told}`);
      assert.equal(found.severity, one.severity, one.setting);
      assert.ok(found.file !== undefined && found.line !== undefined, `${one.setting}: ${told}`);
    }
    if (one.severity === 'error')
      assert.deepEqual([...new Set(errors.map(({ file }) => file !== undefined))], [true], one.setting);
    else assert.deepEqual(errors, [], one.setting);
    if (!one.starts) assert.ok(errors.length > 0, one.setting);
  }
});

interface Recorded {
  readonly area: string;
  readonly setting: string;
  readonly starts: boolean;
  readonly message?: string;
  readonly firstReview?: string;
}

/** As the server writes it. */
function logLine(message: string): string {
  const words = message.replace(/ \((?:a line that begins|over several).*$/, '');
  if (words.startsWith("Couldn't")) return `F1124 11:00:00.000001       1 config.go:178] ${words}`;
  return `E1124 11:00:00.000001       1 run.go:72] "command failed" err=${JSON.stringify(words)}`;
}

test('the recording of start-ups: every row is a case here, and its last words mean the fault that is found', async (t) => {
  const path = sharedPath('data', 'recordings', 'startup.json');
  if (path === undefined) return t.skip(sharedIsAbsent);
  const rows = JSON.parse(readFileSync(path, 'utf8')) as readonly Recorded[];
  assert.ok(rows.length > 100);
  for (const { area, setting, starts, message } of rows) {
    const one = cases.find((known) => known.setting === setting && area.startsWith(known.area));
    assert.ok(one, `no case for ${setting}`);
    assert.equal(one.starts, starts, setting);
    if (message === undefined) continue;
    const [explanation, ...others] = explainLog(logLine(message));
    assert.equal(explanation?.id, one.words ?? one.fault, `${setting}: ${message}`);
    assert.equal(explanation?.ends, true, setting);
    assert.deepEqual(others, [], setting);
  }
});

test('the recording of failures: what users saw is explained', (t) => {
  const path = sharedPath('data', 'recordings', 'failures.json');
  if (path === undefined) return t.skip(sharedIsAbsent);
  const { rows } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly rows: readonly { readonly ourAnswer: string; readonly userMessage: string | null }[];
  };
  const expected = (answer: string): FaultId | undefined => {
    if (answer.includes('Allowed') || /^200, (?:denied|no status)/.test(answer)) return 'denied-by-webhook';
    if (/^200,|^204/.test(answer)) return 'webhook-answer';
    if (/Retry-After: \d/.test(answer)) return answer.includes('400') ? 'webhook-failed' : 'webhook-timeout';
    if (answer === 'connection reset') return 'connection-reset';
    if (answer === 'connection refused') return 'port-closed';
    if (answer.startsWith('connection closed')) return 'connection-closed';
    return answer === 'no answer' ? 'webhook-timeout' : 'webhook-failed';
  };
  for (const { ourAnswer, userMessage } of rows) {
    // An ImageReview answered with 403 shows the webhook's own body and nothing else.
    if (userMessage === null || userMessage === 'oops') continue;
    assert.equal(explainLog(userMessage)[0]?.id, expected(ourAnswer), `${ourAnswer}: ${userMessage}`);
  }
});
