import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { repoRoot } from '../../test/support/paths.js';
import { parsePolicy } from '../policy/index.js';
import { answerDocument, judgeReview, readAdmissionReview, readImageReview, type AdmissionRoute } from './index.js';

const folder = join(repoRoot, '..', 'shared', 'data', 'recordings');
const skip = existsSync(folder) ? false : '../shared is not here';

/** Only this registry, with its port-less name, and Docker Hub's official images. */
const policy = parsePolicy(
  `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: test}
rules:
  - name: trusted
    registries: {allow: [registry.example.com, docker.io/library, mcr.microsoft.com/windows]}
`,
  'policy.yaml',
);

interface Answered {
  readonly allowed: boolean;
  readonly text: string;
  readonly uid: string | undefined;
  readonly apiVersion: string;
}

async function answer(route: AdmissionRoute, body: string): Promise<Answered> {
  const bytes = new TextEncoder().encode(body);
  const read = route === 'imageReview' ? readImageReview(bytes, 8 * 2 ** 20) : readAdmissionReview(bytes, 8 * 2 ** 20);
  assert.equal(read.kind, 'review');
  if (read.kind !== 'review') throw new Error('unreachable');
  const judge = { policy, exemptNamespaces: new Set<string>() };
  const verdict = await judgeReview(read.review, judge, { now: new Date(), deadline: Infinity });
  const document: unknown = answerDocument(read.review.envelope, verdict, { policy: 'test' });
  const { apiVersion, status, response } = document as {
    readonly apiVersion: string;
    readonly status?: { readonly allowed: boolean; readonly reason?: string };
    readonly response?: { readonly uid: string; readonly allowed: boolean; readonly status?: { message: string } };
  };
  return {
    apiVersion,
    uid: response?.uid,
    allowed: (status ?? response)?.allowed ?? false,
    text: status?.reason ?? response?.status?.message ?? '',
  };
}

function recorded(name: string): readonly { readonly file: string; readonly body: string }[] {
  return readdirSync(join(folder, name)).map((file) => {
    const { body } = JSON.parse(readFileSync(join(folder, name, file), 'utf8')) as { readonly body: string };
    return { file: file.replace('.json', ''), body };
  });
}

/** What names an image that the policy above refuses, by the protocol that carries it. */
const refusedByBoth = ['pod-create-several', 'pod-create-odd-references', 'pod-ephemeralcontainers-second'];
const refusedByReview = ['pod-create-image-volume', 'deployment-create', 'customresource-create-empty-image'];

void test('every recorded ImageReview', { skip }, async () => {
  const all = recorded('imagereview');
  assert.equal(all.length, 21);
  for (const { file, body } of all) {
    const { allowed, text, apiVersion } = await answer('imageReview', body);
    assert.equal(allowed, !refusedByBoth.includes(file), `${file}: ${text}`);
    assert.equal(apiVersion, 'imagepolicy.k8s.io/v1alpha1');
    if (!allowed) assert.match(text, /trusted/, file);
  }
});

void test('every recorded AdmissionReview', { skip }, async () => {
  const all = recorded('admissionreview');
  assert.equal(all.length, 44);
  const refused = new Set([...refusedByBoth, ...refusedByReview]);
  for (const { file, body } of all) {
    const { allowed, text, uid, apiVersion } = await answer('admissionReview', body);
    assert.equal(allowed, !refused.has(file), `${file}: ${text}`);
    const asked = JSON.parse(body) as { readonly apiVersion: string; readonly request: { readonly uid: string } };
    assert.deepEqual([uid, apiVersion], [asked.request.uid, asked.apiVersion], file);
  }
});

void test('the same request gets the same answer from both', { skip }, async () => {
  const reviews = new Map(recorded('admissionreview').map(({ file, body }) => [file, body]));
  // An ImageReview knows no image volume.
  for (const { file, body } of recorded('imagereview').filter((one) => one.file !== 'pod-create-image-volume')) {
    const other = reviews.get(file);
    assert.ok(other !== undefined, file);
    const [a, b] = [await answer('imageReview', body), await answer('admissionReview', other)];
    assert.equal(a.allowed, b.allowed, file);
  }
});
