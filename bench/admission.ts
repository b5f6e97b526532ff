/** `admission serve` under a constant load, as a process. See bench/README.md. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { alpineFiles } from '../test/robustness/alpine-image.js';
import { startAdmissionProgram, type AdmissionProgram } from '../test/support/admission-server.js';
import { buildImage } from '../test/support/image-builder.js';
import { startRegistry, type RegistryServer } from '../test/support/registry/index.js';
import { percentile, runLoad, type LoadResult } from './load.js';

const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const seconds = option('--seconds', 10);
const connections = option('--connections', 32);
const scratch = mkdtempSync(join(tmpdir(), 'tidewaiter-admission-'));

const names = (more: string, host = 'registry.example.com'): string => `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: bench}
rules:
  - name: trusted
    registries: {allow: [${host}, docker.io/library]}
  - name: tagged
    tags: {deny: [latest]}
${more}`;
const vulnerabilities = `  - name: clean
    vulnerabilities: {severity: CRITICAL}
incomplete: {action: warn}
`;

try {
  console.log(
    `load of the machine before: ${loadavg()
      .map((one) => one.toFixed(1))
      .join(' ')}`,
  );
  await staticRules();
  await storedFindings();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function staticRules(): Promise<void> {
  const began = performance.now();
  const door = await start('static', names(''), ['--no-scan']);
  const bodies = [pod('registry.example.com/team/app:1'), pod('evil.example/tools:1')];
  await door.ask({ path: '/validate?timeout=10s', body: bodies[0] ?? '' });
  console.log(`first answer ${Math.round(performance.now() - began)} ms after the start (with making certificates)`);
  await load(door, '/validate', bodies.slice(0, 1), 200, 2);
  await measure('static rules, AdmissionReview', door, '/validate?timeout=10s', bodies, 1000);
  const reviews = [imageReview('registry.example.com/team/app:1'), imageReview('evil.example/tools:1')];
  await measure('static rules, ImageReview', door, '/image-policy?timeout=30s', reviews, 1000);
  await finish(door);
}

async function storedFindings(): Promise<void> {
  const registry = await startRegistry();
  const images = [1, 2, 3].map((nth) =>
    buildImage({ layers: [{ items: alpineFiles }, [{ path: 'v', content: String(nth) }]], compression: 'gzip' }),
  );
  const digests = images.map((image, nth) => registry.addImage('team/app', `${nth}`, image));
  const door = await start('stored', names(vulnerabilities, registry.host), ['--db', join('dist', 'starter')]);
  try {
    const image = `${registry.host}/team/app@${digests[0]}`;
    const asked = Array.from({ length: 100 }, () => door.ask({ path: '/validate?timeout=30s', body: pod(image) }));
    const answers = await Promise.all(asked);
    const allowed = answers.filter(({ text }) => text.includes('"allowed":true')).length;
    console.log(`100 reviews of one unknown digest: ${allowed} allowed, ${fetches(registry)}`);
    const bodies = digests.map((digest) => pod(`${registry.host}/team/app@${digest}`));
    for (const body of bodies) await door.ask({ path: '/validate?timeout=30s', body });
    await load(door, '/validate', bodies, 200, 2);
    const before = registry.accessLog.length;
    await measure('stored findings', door, '/validate?timeout=10s', bodies, 500);
    console.log(`  requests to the registry meanwhile: ${registry.accessLog.length - before}`);
  } finally {
    await finish(door);
    await registry.close();
  }
}

function fetches({ accessLog }: RegistryServer): string {
  const got = accessLog
    .filter(({ method }) => method === 'GET')
    .map(({ path }) => path.replace(/.*\/(manifests|blobs)\/.*/, '$1'));
  const count = (what: string): number => got.filter((one) => one === what).length;
  return `${count('manifests')} manifest and ${count('blobs')} blobs fetched`;
}

async function start(name: string, policy: string, words: readonly string[]): Promise<AdmissionProgram> {
  const folder = join(scratch, name);
  mkdirSync(folder);
  const there = words.map((word) => (word.startsWith('dist') ? join(process.cwd(), word) : word));
  return await startAdmissionProgram({ folder, policy, words: ['--decision-timeout', '20s', ...there] });
}

function load(
  door: AdmissionProgram,
  path: string,
  bodies: readonly string[],
  perSecond: number,
  time: number,
): Promise<LoadResult> {
  const { port, authority, client } = door;
  const tls = { ca: authority.pem, cert: client.cert, key: client.key };
  return runLoad({ port, ...tls, path, bodies, perSecond, seconds: time, connections });
}

async function finish(door: AdmissionProgram): Promise<void> {
  const status = readFileSync(`/proc/${door.child.pid}/status`, 'utf8');
  const kilobytes = (key: string): number => Number(new RegExp(`${key}:\\s+([0-9]+)`).exec(status)?.[1] ?? 0);
  console.log(`  memory now ${mebibytes(kilobytes('VmRSS'))}, at most ${mebibytes(kilobytes('VmHWM'))}`);
  const code = await door.end();
  const lines = readFileSync(join(door.folder, 'decisions.jsonl'), 'utf8').trim().split('\n').length;
  console.log(`  ended with ${code}; ${lines} decisions in the log`);
}

/** In user and system mode, of all threads. */
function cpuSeconds({ child }: AdmissionProgram): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function mebibytes(kilobytes: number): string {
  return `${Math.round(kilobytes / 1024)} MiB`;
}

async function measure(
  what: string,
  door: AdmissionProgram,
  path: string,
  bodies: readonly string[],
  perSecond: number,
): Promise<void> {
  const before = cpuSeconds(door);
  const { latencies, lags, answers } = await load(door, path, bodies, perSecond, seconds);
  const cpu = cpuSeconds(door) - before;
  const of = (sorted: Float64Array): string =>
    [0.5, 0.99, 0.999, 1].map((share) => percentile(sorted, share).toFixed(2)).join(' / ');
  console.log(`${what}, ${perSecond}/s for ${seconds} s over ${connections} connections`);
  console.log(`  p50 / p99 / p99.9 / max ms: ${of(latencies)}; the generator's own lag: ${of(lags)}`);
  console.log(`  processor time of the server: ${((cpu * 1000) / latencies.length).toFixed(2)} ms a request`);
  console.log(`  ${[...answers].map(([answer, count]) => `${answer}: ${count}`).join(', ')}`);
  console.log(`  load of the machine: ${loadavg()[0]?.toFixed(1)}`);
}

function imageReview(image: string): string {
  return JSON.stringify({
    kind: 'ImageReview',
    apiVersion: 'imagepolicy.k8s.io/v1alpha1',
    spec: { containers: [{ image }], namespace: 'default' },
  });
}

function pod(image: string): string {
  const managedFields = Array.from({ length: 20 }, (_, nth) => ({
    manager: 'kubectl',
    fieldsV1: { [`f:${nth}`]: {} },
  }));
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      name: 'p',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'jane', groups: ['developers', 'system:authenticated'] },
      object: {
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: { name: 'p', namespace: 'default', labels: { app: 'a' }, managedFields },
        spec: {
          containers: [{ name: 'a', image, resources: {}, terminationMessagePath: '/dev/termination-log' }],
          restartPolicy: 'Always',
          tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }],
        },
      },
      oldObject: null,
      dryRun: false,
    },
  });
}
