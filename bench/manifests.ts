/** Manifests through `kubesec scan`: whole processes, ratios. See bench/README.md. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, type Candidate } from './measure.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cliAt = process.argv.indexOf('--cli');
const cli = cliAt < 0 ? join(root, 'dist', 'cli.js') : (process.argv[cliAt + 1] ?? '');
if (!existsSync(cli)) throw new Error(`${cli} is missing: npm run build`);

const count = 10_000;
const folder = mkdtempSync(join(tmpdir(), 'tidewaiter-manifests-'));
try {
  const one = join(folder, 'one.yaml');
  const many = join(folder, 'many.yaml');
  writeFileSync(one, manifest(0));
  writeFileSync(many, Array.from({ length: count }, (_, nth) => manifest(nth)).join('---\n'));
  const start = await compare(
    [
      { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
      { name: 'tidewaiter, one', command: [process.execPath, cli, 'kubesec', 'scan', one] },
    ],
    21,
  );
  const ofNode = start.get('node -e 0')?.seconds ?? Number.NaN;
  for (const [name, { seconds }] of start) {
    console.log(`${name.padEnd(16)} ${seconds.toFixed(3)} s  x ${(seconds / ofNode).toFixed(2)}`);
  }
  const ours = { name: 'tidewaiter', command: [process.execPath, cli, 'kubesec', 'scan', many] };
  const measured = await compare([ours, ...peer(many)], 3);
  const base = measured.get('tidewaiter')?.seconds ?? Number.NaN;
  for (const [name, { seconds, cpuSeconds, peakBytes, exitCode }] of measured) {
    console.log(
      `${name.padEnd(16)} ${seconds.toFixed(2)} s  x ${(seconds / base).toFixed(1)}  ${Math.round(count / cpuSeconds)} manifests per CPU second  peak ${(peakBytes / 1e6).toFixed(0)} MB  exit ${exitCode}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The original needs a schema from somewhere: one that demands nothing. */
function peer(file: string): Candidate[] {
  const found =
    process.env['KUBESEC'] ?? spawnSync('sh', ['-c', 'command -v kubesec'], { encoding: 'utf8' }).stdout.trim();
  if (found === '') {
    console.log('no kubesec on PATH or in KUBESEC: nothing to compare with');
    return [];
  }
  const schemas = join(folder, 'schemas');
  mkdirSync(join(schemas, 'master-standalone-strict'), { recursive: true });
  writeFileSync(join(schemas, 'master-standalone-strict', 'deployment-apps-v1.json'), '{"type":"object"}');
  return [{ name: 'kubesec', command: [found, 'scan', '--schema-location', schemas, file] }];
}

/** About one kilobyte, of the usual shape. */
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
