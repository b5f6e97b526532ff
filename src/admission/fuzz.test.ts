import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { sharedIsAbsent, sharedPath } from '../../test/support/paths.js';
import { evaluatePolicy, parsePolicy } from '../policy/index.js';
import { answerDocument, judgeReview, readAdmissionReview, readImageReview, type AdmissionRoute } from './index.js';

/** More by hand. */
const rounds = Number(process.env['TIDEWAITER_FUZZED_REVIEWS'] ?? 1500);
const maxBytes = 8 * 2 ** 20;

const policy = parsePolicy(
  `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: fuzz}
rules:
  - {name: trusted, registries: {allow: [registry.example.com, docker.io/library]}}
  - {name: hardened, podSecurity: baseline, action: warn}
`,
  'policy.yaml',
);
const judge = { policy, exemptNamespaces: new Set<string>() };

type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

/** Repeatable. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const odd: readonly Value[] = [
  null,
  true,
  -1,
  1e308,
  '',
  ' ',
  'x'.repeat(5000),
  '\u0000\u202e',
  [],
  {},
  [[]],
  { a: null },
];

/** Changes one value somewhere: another type, gone, doubled, or a name that is no image's. */
function mutate(root: Value, random: () => number): void {
  const places: { holder: Value[] | { [key: string]: Value }; key: string | number }[] = [];
  const walk = (value: Value): void => {
    if (typeof value !== 'object' || value === null) return;
    const holder = value;
    for (const key of Array.isArray(holder) ? holder.keys() : Object.keys(holder)) {
      places.push({ holder, key });
      walk((holder as { [key: string]: Value })[key] ?? null);
    }
  };
  walk(root);
  const place = places[Math.floor(random() * places.length)];
  if (!place) return;
  const { holder, key } = place;
  const target = holder as { [key: string]: Value };
  const choice = random();
  if (choice < 0.6) target[key] = structuredClone(odd[Math.floor(random() * odd.length)] ?? null);
  else if (choice < 0.8) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete target[key];
  } else if (Array.isArray(holder)) holder.push(structuredClone(target[key] ?? null));
  else target[`unknown ${key}`] = structuredClone(target[key] ?? null);
}

/** Names of images that stand anywhere, found without knowing the documents' form. */
function imagesAnywhere(value: Value | undefined, found: Set<string> = new Set()): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, member] of Object.entries(value)) {
    if ((key === 'image' || key === 'reference') && typeof member === 'string') found.add(member);
    // What runs is in the status, too; it asks for nothing. Nobody reads what is unknown.
    else if (key !== 'status' && !key.startsWith('unknown ')) imagesAnywhere(member, found);
  }
  return found;
}

function passes(images: ReadonlySet<string>): boolean {
  const subject = { images: [...images].map((text) => ({ text })) };
  return evaluatePolicy(policy, subject, { now: new Date() }).outcome === 'pass';
}

void test('mutated reviews', { skip: sharedPath('data') === undefined && sharedIsAbsent }, async () => {
  const seeds = (['imagereview', 'admissionreview'] as const).flatMap((name) => {
    const folder = sharedPath('data', 'recordings', name) ?? '';
    return readdirSync(folder).map((file) => {
      const { body } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { readonly body: string };
      return { route: (name === 'imagereview' ? 'imageReview' : 'admissionReview') satisfies AdmissionRoute, body };
    });
  });
  const random = generator(7);
  const counts = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const seed = seeds[round % seeds.length];
    if (!seed) break;
    const document = JSON.parse(seed.body) as Value;
    for (let times = 1 + Math.floor(random() * 3); times > 0; times--) mutate(document, random);
    let text = JSON.stringify(document);
    const cut = random();
    if (cut < 0.05) text = text.slice(0, Math.floor(random() * text.length));
    else if (cut < 0.1) text = text.replace(/[,:]/g, (sign) => (random() < 0.01 ? '' : sign));
    const bytes = new TextEncoder().encode(text);
    const read = seed.route === 'imageReview' ? readImageReview(bytes, maxBytes) : readAdmissionReview(bytes, maxBytes);
    counts.set(read.kind, (counts.get(read.kind) ?? 0) + 1);
    if (read.kind === 'unanswerable') {
      assert.equal(seed.route, 'admissionReview');
      assert.equal(uidOf(text), undefined, text.slice(0, 300));
      continue;
    }
    if (read.kind === 'malformed') {
      assert.notEqual(read.reason, '');
      continue;
    }
    const verdict = await judgeReview(read.review, judge, { now: new Date(), deadline: Infinity });
    const answer = JSON.stringify(answerDocument(read.review.envelope, verdict, { policy: 'fuzz' }));
    assert.ok(answer.length < 50_000);
    assert.equal(answer.includes('"allowed":true'), verdict.allowed);
    if (!verdict.allowed) {
      assert.match(answer, /trusted/);
      continue;
    }
    checkAllowed(document, read.review.notJudged, text);
  }
  assert.ok((counts.get('review') ?? 0) > rounds / 3);
  assert.ok((counts.get('malformed') ?? 0) > rounds / 100);
});

/** What is let through names nothing that the policy refuses, or is an update that left it as it was. */
function checkAllowed(document: Value, notJudged: string | undefined, text: string): void {
  const root = document as { readonly request?: { readonly object?: Value; readonly oldObject?: Value }; spec?: Value };
  const before = imagesAnywhere(root.request?.oldObject);
  const images = new Set([...imagesAnywhere(root.request?.object ?? root.spec)].filter((one) => !before.has(one)));
  if (notJudged === undefined) assert.ok(passes(images), `${[...images].join(' ')}: ${text.slice(0, 2000)}`);
}

function uidOf(text: string): unknown {
  try {
    const { request } = JSON.parse(text) as { readonly request?: { readonly uid?: unknown } };
    const uid = request?.uid;
    return typeof uid === 'string' && uid !== '' && uid.length <= 256 ? uid : undefined;
  } catch {
    return undefined;
  }
}
