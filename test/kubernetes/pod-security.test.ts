import assert from 'node:assert/strict';
import test from 'node:test';
import type { JsonValue } from '../../src/formats/index.js';
import {
  evaluatePodSecurity,
  forbiddingControls,
  parsePodSecurityVersion,
  podSecurityControls,
  type PodSecurityResult,
} from '../../src/manifest/pod-security/index.js';
import { apiServerIsAbsent, findApiServer } from '../support/kube-apiserver.js';
import { temporaryFolder } from '../support/paths.js';
import { podSecurityCases } from './pod-security-cases.js';
import { PodSecurityServer, type Admission, type Forbidden, type Level } from './pod-security-server.js';
import { damagedPod, randomPod } from './random-pod.js';

type Pod = { readonly [key: string]: JsonValue };

const levels = ['baseline', 'restricted'] as const;
const versions = [
  'latest',
  'v1.0',
  'v1.7',
  'v1.18',
  'v1.20',
  'v1.22',
  'v1.24',
  'v1.25',
  'v1.28',
  'v1.30',
  'v1.31',
  'v1.34',
];
/** More by hand: the number of pods, and the first seed. */
const randomPods = Number(process.env['TIDEWAITER_RANDOM_PODS'] ?? 3000);
const firstSeed = Number(process.env['TIDEWAITER_RANDOM_SEED'] ?? 1);

test('the admission of a real API server agrees about each level', async (t) => {
  const assets = findApiServer();
  if (assets === undefined) return t.skip(apiServerIsAbsent);
  const server = await PodSecurityServer.start(assets, temporaryFolder(t));
  try {
    await t.test('every case of the table', async () => {
      const invalid: string[] = [];
      const wrong = await inParallel(podSecurityCases, async ({ name, pod, version, isInvalid }) => {
        const answers = await askBoth(server, pod, version);
        if (answers.some(({ admission }) => admission.kind === 'invalid')) invalid.push(name);
        if (isInvalid !== answers.some(({ admission }) => admission.kind === 'invalid')) {
          return [`${name}: ${isInvalid ? 'is valid' : `is not valid: ${JSON.stringify(answers)}`}`];
        }
        return answers.flatMap((answer) => disagreements(name, pod, version, answer));
      });
      assert.deepEqual(wrong, []);
      t.diagnostic(`${podSecurityCases.length - invalid.length} of ${podSecurityCases.length} cases are valid pods`);
    });

    await t.test('every case as the template of a Deployment', async () => {
      let judged = 0;
      const wrong = await inParallel(podSecurityCases, async ({ name, pod, version }) => {
        // Ports of the node are given to the pods, not to their template: the warning does not foresee them.
        if (name.startsWith('on the network of the node')) return [];
        const admission = await server.judgeTemplate(pod, 'restricted', version);
        if (admission.kind === 'judged') judged++;
        return disagreements(name, pod, version, { level: 'restricted', admission });
      });
      assert.deepEqual(wrong, []);
      assert.ok(judged > 200, `${judged} templates are valid`);
    });

    await t.test('pods made at random', async () => {
      const seen = new Set<string>();
      const { wrong, judged } = await compareRandom(server, randomPod, seen);
      t.diagnostic(`${judged} answers about ${randomPods} pods`);
      assert.deepEqual(wrong, []);
      assert.ok(judged > randomPods, 'most pods are valid');
      assert.deepEqual(
        [...seen].sort(),
        [...new Set(podSecurityControls.map(({ serverReason }) => serverReason))].sort(),
      );
    });

    await t.test('pods made at random, with a value of the wrong type', async () => {
      const { wrong, judged } = await compareRandom(server, damagedPod, new Set());
      t.diagnostic(`${judged} answers about ${randomPods} damaged pods`);
      assert.deepEqual(wrong, []);
      assert.ok(judged > randomPods / 10);
    });
  } finally {
    await server.close();
  }
});

/** The first disagreements, and how many answers were no "invalid". */
async function compareRandom(
  server: PodSecurityServer,
  make: (seed: number) => Pod,
  seen: Set<string>,
): Promise<{ readonly wrong: readonly string[]; readonly judged: number }> {
  let judged = 0;
  const seeds = Array.from({ length: randomPods }, (_, at) => firstSeed + at);
  const wrong = await inParallel(seeds, async (seed) => {
    const pod = make(seed);
    const version = versions[seed % versions.length] ?? 'latest';
    const answers = await askBoth(server, pod, version);
    for (const { admission } of answers) {
      if (admission.kind === 'invalid') continue;
      judged++;
      for (const { reason } of admission.forbidden) seen.add(reason);
    }
    return answers.flatMap((answer) => disagreements(`seed ${seed}`, pod, version, answer));
  });
  return { wrong: wrong.slice(0, 10), judged };
}

interface Answer {
  readonly level: Level;
  readonly admission: Admission;
}

async function askBoth(server: PodSecurityServer, pod: Pod, version: string): Promise<readonly Answer[]> {
  return await Promise.all(
    levels.map(async (level) => ({ level, admission: await server.judge(pod, level, version) })),
  );
}

/** Controls, and for each the containers: the API server names those that say it themselves before those that inherit it. */
function disagreements(name: string, pod: Pod, version: string, { level, admission }: Answer): readonly string[] {
  if (admission.kind === 'invalid') return [];
  const result = evaluatePodSecurity(pod, parsePodSecurityVersion(version));
  const theirs = admission.forbidden;
  const ours = forbiddingControls(result, level);
  const say = (what: string): readonly string[] => [
    `${name}, ${level} ${version}: ${what}: ${JSON.stringify({ ours, theirs, pod })}`,
  ];
  if (result.unassessed.length > 0) return say('unassessed');
  if (
    !isSame(
      ours.map(reasonOf),
      theirs.map(({ reason }) => reason),
    )
  )
    return say('not the same controls');
  return theirs.some((one) => !namesContainers(one, level, result)) ? say('not the same containers') : [];
}

/** Where the message tells only some: those that say it themselves hide those that inherit it; annotations have no container. */
const namesSome: ReadonlySet<string> = new Set([
  'runAsNonRoot != true',
  'seccompProfile',
  'forbidden AppArmor profile',
]);

function namesContainers({ reason, containers }: Forbidden, level: Level, result: PodSecurityResult): boolean {
  const speaking = podSecurityControls.filter(({ serverReason }) => serverReason === reason);
  const ids = new Set(speaking.flatMap(({ id, replaces }) => [id, ...(level === 'restricted' ? [replaces] : [])]));
  const ours = [...result.baseline, ...(level === 'restricted' ? result.restricted : [])]
    .filter(({ control }) => ids.has(control))
    .flatMap(({ container }) => container ?? []);
  if (!containers.every((container) => ours.includes(container))) return false;
  return namesSome.has(reason) || ours.every((container) => containers.includes(container));
}

function reasonOf(control: string): string | undefined {
  return podSecurityControls.find(({ id }) => id === control)?.serverReason;
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at]);
}

/** Sixteen at a time; the texts in the order of the tasks. */
async function inParallel<T>(tasks: readonly T[], run: (task: T) => Promise<readonly string[]>): Promise<string[]> {
  const texts: (readonly string[])[] = [];
  const waiting = tasks.entries();
  const worker = async (): Promise<void> => {
    for (const [at, task] of waiting) texts[at] = await run(task);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return texts.flat();
}
