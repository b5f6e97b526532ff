/** `tidewaiter manifest` and `kubesec scan`: whole processes, ratios. See bench/README.md. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, measure, type Measured } from './measure.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const cli = option('--cli') ?? join(root, 'dist', 'cli.js');
if (!existsSync(cli)) throw new Error(`${cli} is missing: npm run build`);
const count = Number(option('--count') ?? 10_000);
const runs = Number(option('--runs') ?? 3);

const folder = mkdtempSync(join(tmpdir(), 'tidewaiter-manifest-'));
try {
  await start();
  await many();
  await oneKubesecFile();
  await oneStream();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function start(): Promise<void> {
  const one = join(folder, 'one.yaml');
  writeFileSync(one, manifest(0));
  const measured = await compare(
    [
      { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
      { name: 'one manifest', command: [process.execPath, cli, 'manifest', one] },
      { name: 'kubesec scan', command: [process.execPath, cli, 'kubesec', 'scan', one] },
    ],
    Math.max(runs, 21),
  );
  const base = measured.get('node -e 0');
  for (const [name, one_] of measured) print(name, one_, base);
}

/** Each manifest in a file of its own, all named by their folder; the original takes one file a process. */
async function many(): Promise<void> {
  const files = join(folder, 'many');
  mkdirSync(files);
  for (let nth = 0; nth < count; nth++) writeFileSync(join(files, `m${nth}.yaml`), manifest(nth));
  const measured = await compare(
    ['table', 'json'].map((format) => ({
      name: `${count} files, ${format}`,
      command: [process.execPath, cli, 'manifest', '--format', format, files],
    })),
    runs,
  );
  for (const [name, one] of measured) print(name, one, undefined, count);
  const ours = measured.get(`${count} files, table`);
  const kubesec = findKubesec();
  if (kubesec === '' || !ours) return;
  const sample = Math.min(count, 200);
  const seconds = await kubesecSeconds(kubesec, files, sample);
  const all = (seconds / sample) * count;
  console.log(
    `kubesec, one process a file: ${(seconds / sample).toFixed(4)} s a file (of ${sample}), ${all.toFixed(0)} s for all: x ${(all / ours.seconds).toFixed(1)}`,
  );
}

async function kubesecSeconds(kubesec: string, files: string, sample: number): Promise<number> {
  let seconds = 0;
  for (let nth = 0; nth < sample; nth++) {
    const command = [kubesec, 'scan', '--schema-location', emptySchemas(), join(files, `m${nth}.yaml`)];
    seconds += (await measure(command)).seconds;
  }
  return seconds;
}

/** `kubesec scan` of all manifests in one file, by both. */
async function oneKubesecFile(): Promise<void> {
  const path = join(folder, 'many.yaml');
  writeFileSync(path, Array.from({ length: count }, (_, nth) => manifest(nth)).join('---\n'));
  const ours = { name: 'kubesec scan, ours', command: [process.execPath, cli, 'kubesec', 'scan', path] };
  const kubesec = findKubesec();
  const theirs = {
    name: 'kubesec scan',
    command: [kubesec, 'scan', '--schema-location', emptySchemas(), path],
  };
  const measured = await compare(kubesec === '' ? [ours] : [ours, theirs], runs);
  const base = measured.get(ours.name);
  for (const [name, one] of measured) print(name, one, base, count);
}

function findKubesec(): string {
  const found =
    process.env['KUBESEC'] ?? spawnSync('sh', ['-c', 'command -v kubesec'], { encoding: 'utf8' }).stdout.trim();
  if (found === '') console.log('no kubesec on PATH or in KUBESEC: nothing to compare with');
  return found;
}

/** A folder with a schema that demands nothing: the original would ask the network otherwise. */
function emptySchemas(): string {
  const schemas = join(folder, 'schemas');
  mkdirSync(join(schemas, 'master-standalone-strict'), { recursive: true });
  writeFileSync(join(schemas, 'master-standalone-strict', 'deployment-apps-v1.json'), '{"type":"object"}');
  return schemas;
}

/** Memory must not grow with the stream: nothing is found in it, so that the report stays small. */
async function oneStream(): Promise<void> {
  for (const times of [1, 4]) {
    const path = join(folder, 'stream.yaml');
    const documents = Array.from({ length: count * times }, (_, nth) => configMap(nth));
    writeFileSync(path, documents.join('---\n'));
    print(
      `stream of ${count * times}`,
      await measure([process.execPath, cli, 'manifest', path]),
      undefined,
      count * times,
    );
  }
}

function print(name: string, one: Measured, base: Measured | undefined, manifests?: number): void {
  const ratio = base ? `  x ${(one.seconds / base.seconds).toFixed(2)}` : '';
  const rate = manifests === undefined ? '' : `  ${Math.round(manifests / one.cpuSeconds)} manifests per CPU second`;
  const peak = (one.peakBytes / 1e6).toFixed(0);
  console.log(`${name.padEnd(20)} ${one.seconds.toFixed(3)} s${ratio}${rate}  peak ${peak} MB  exit ${one.exitCode}`);
}

/** About one kilobyte, of the usual shape, with some things to find. */
function manifest(nth: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${nth}
  namespace: shop
  labels:
    app: web
    tier: frontend
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
        tier: frontend
    spec:
      serviceAccountName: web
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
      containers:
        - name: web
          image: registry.example.com/shop/web:1.4.${nth}
          ports:
            - containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: "info"
            - name: TOKEN
              valueFrom:
                secretKeyRef:
                  name: web-token
                  key: token
          resources:
            requests: { cpu: 100m, memory: 128Mi }
            limits: { cpu: 500m, memory: 256Mi }
          securityContext:
            readOnlyRootFilesystem: true
            allowPrivilegeEscalation: false
            capabilities:
              drop: ["ALL"]
`;
}

function configMap(nth: number): string {
  const lines = Array.from({ length: 20 }, (_, line) => `  key-${line}: the value of line ${line} of map ${nth}\n`);
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map-${nth}, namespace: shop}\ndata:\n${lines.join('')}`;
}
