import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { loadBundledSchemas, tableCheck } from '../schemas/bundled.js';
import { kubesecRules } from './rules.js';
import { hasFailed, scanKubesec } from './scan.js';
import { chooseRules, type KubesecCompat } from './score.js';

interface Vector {
  readonly name: string;
  readonly note?: string;
  readonly input: string;
  readonly args?: readonly string[];
  readonly exit: number;
  readonly stdout?: string;
  readonly stdout_prefix?: string;
  readonly reports?: readonly {
    readonly object: string;
    readonly valid: boolean;
    readonly score: number;
    readonly message?: string;
    readonly message_contains?: readonly string[];
    readonly critical?: readonly string[];
    readonly passed?: readonly string[];
    readonly advise?: readonly string[];
  }[];
}

const repoRoot = process.env.TIDEWAITER_REPO ?? process.cwd();
const path = join(repoRoot, '..', 'shared', 'specs', 'kubesec-vectors.json');

/** What the default mode does otherwise; docs/kubesec.md says what it does instead. */
const deviations: ReadonlySet<string> = new Set([
  'rule-serviceAccountName-empty',
  'rule-hostAliases-empty-list',
  'rule-capadd-lowercase',
  'rule-capadd-ALL',
  'rule-dockersock-run',
  'rule-dockersock-parent',
  'rule-procmount-substring',
  'claims-rwop',
  'input-comment-only',
  'input-comment-doc-between',
  'input-two-docs-good-and-unsupported',
  'input-separator-with-comment',
  'input-separator-trailing-space',
  'input-crlf',
  'input-bad-yaml-second',
  'input-json-concatenated',
  'input-json-null',
  'input-list',
  'flag-rules-duplicate',
]);

for (const compat of ['strict', 'default'] as const) {
  void test(`the original's answers to all of its vectors: ${compat}`, async (t) => {
    if (!existsSync(path)) {
      t.skip('../shared is not here');
      return;
    }
    const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as { vectors: readonly Vector[] };
    const check = tableCheck(await loadBundledSchemas());
    for (const vector of vectors) {
      const isFormat = vector.args?.includes('-f') === true;
      if (isFormat) continue;
      const answer = run(vector, compat, check);
      if (compat === 'default' && deviations.has(vector.name)) {
        assert.notDeepEqual(answer, expected(vector, answer), `${vector.name} is no deviation`);
      } else assert.deepEqual(answer, expected(vector, answer), vector.name);
    }
  });
}

interface Answer {
  readonly exit: number;
  readonly stdout?: string;
  readonly reports?: readonly Record<string, unknown>[];
}

function run(vector: Vector, compat: KubesecCompat, check: ReturnType<typeof tableCheck>): Answer {
  const args = vector.args ?? [];
  const ids = args.flatMap((arg, at) => (['-r', '--rules'].includes(args[at - 1] ?? '') ? arg.split(',') : []));
  const chosen = chooseRules(ids, compat);
  if ('unknown' in chosen) return { exit: 1, stdout: `Invalid rule IDs requested: ${chosen.unknown.join(', ')}` };
  const result = scanKubesec(vector.input, { fileName: 'f', rules: chosen.rules, compat, check });
  if ('failure' in result) {
    return { exit: 1, stdout: result.failure.charAt(0).toUpperCase() + result.failure.slice(1) };
  }
  const failing = Number(args[args.indexOf('--exit-code') + 1] ?? 2);
  const exit = hasFailed(result.reports, compat) ? (args.includes('--exit-code') ? failing : 2) : 0;
  const reports = result.reports.map(({ object, valid, score, message, scoring }) => ({
    object,
    valid,
    score,
    message,
    ...Object.fromEntries(
      (['critical', 'passed', 'advise'] as const).flatMap((list) =>
        scoring[list].length > 0 ? [[list, scoring[list].map(({ id }) => id)]] : [],
      ),
    ),
  }));
  return { exit, reports };
}

/** The vector in the form of an answer; what it leaves open is taken from the answer. */
function expected(vector: Vector, answer: Answer): Answer {
  if (vector.stdout !== undefined) return { exit: vector.exit, stdout: vector.stdout };
  if (vector.stdout_prefix !== undefined) {
    const fits = answer.stdout?.startsWith(vector.stdout_prefix) === true;
    return { exit: vector.exit, stdout: fits ? (answer.stdout ?? '') : vector.stdout_prefix };
  }
  const reports = (vector.reports ?? []).map(({ message_contains: parts, ...report }, at) => {
    const said = answer.reports?.[at]?.['message'];
    const message =
      report.message ?? (typeof said === 'string' && parts?.every((part) => said.includes(part)) ? said : parts);
    return { ...report, message };
  });
  return { exit: vector.exit, reports };
}

void test('thirty rules, sorted, each with its own id', () => {
  const ids = kubesecRules.map(({ id }) => id);
  assert.equal(new Set(ids).size, 30);
  assert.deepEqual(ids, [...ids].sort());
  const best = (kind: string): number =>
    kubesecRules.reduce((sum, { kinds, points }) => (kinds.includes(kind) && points > 0 ? sum + points : sum), 0);
  assert.deepEqual([best('Pod'), best('StatefulSet'), best('Job')], [19, 21, 0]);
});
