import { readYamlStream, type JsonObject, type JsonValue } from '../formats/index.js';
import { chooseRules, createAnalysis, scanKubesec } from '../manifest/index.js';
import type { CheckId, ManifestFact, Policy, WorkloadKnowledge } from '../policy/index.js';

/** Bytes of an object that rules over manifests still look at. */
const maxAnalysedBytes = 1024 * 1024;

const manifestChecks: ReadonlySet<CheckId> = new Set<CheckId>(['podSecurity', 'kubesec', 'manifest']);

/** Does a policy ask about more than images? */
export function needsWorkload(policy: Policy): boolean {
  return policy.rules.some(({ check }) => manifestChecks.has(check.id));
}

/**
 * What the analysis of an object says, for rules over manifests. What its author suppressed by annotations counts all the
 * same: the policy's exceptions are the operator's.
 */
export function workloadKnowledge(
  policy: Policy,
  manifest: JsonObject,
  { now, unchanged }: { readonly now: Date; readonly unchanged: boolean | undefined },
): WorkloadKnowledge {
  const wanted = new Set(policy.rules.map(({ check }) => check.id));
  const text = JSON.stringify(withoutBookkeeping(manifest));
  if (text.length > maxAnalysedBytes) {
    return { state: 'missing', reason: `the object has more than ${maxAnalysedBytes} bytes` };
  }
  const analysis = createAnalysis({ now });
  for (const [at, part] of [...readYamlStream(text)].entries()) analysis.add({ name: 'request' }, part, at);
  const report = analysis.finish();
  const findings = [...report.findings, ...report.suppressed.map(({ finding }) => finding)];
  return {
    state: 'assessed',
    podSecurity: worst(report.podSecurity) ?? 'none',
    ...(wanted.has('kubesec') ? { kubesec: kubesecOf(text) } : {}),
    findings: findings.map(
      ({ ruleId, rule, severity, message, fix, container }): ManifestFact => ({
        ruleId,
        rule,
        severity,
        message,
        fix,
        container: container?.name,
      }),
    ),
    unknowns: report.unknowns.map(({ reason }) => reason),
    unchanged,
  };
}

/** Who wrote which field, and what became of the object: neither is what was asked for. */
function withoutBookkeeping(object: JsonObject): JsonObject {
  const metadata = object.metadata;
  const isObject = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  const { managedFields: _, ...kept } = (isObject ? metadata : {}) as Readonly<Record<string, JsonValue>>;
  const { status: __, ...rest } = object;
  return isObject ? { ...rest, metadata: kept } : rest;
}

const ranks = { privileged: 0, baseline: 1, restricted: 2 } as const;

function worst<Level extends { readonly level: keyof typeof ranks; readonly summary: string }>(
  levels: readonly Level[],
): Level | undefined {
  return [...levels].sort((a, b) => ranks[a.level] - ranks[b.level])[0];
}

/** The API server has checked the object against its schema already. */
function kubesecOf(text: string): { readonly score: number } | 'none' {
  const chosen = chooseRules([], 'default');
  if ('unknown' in chosen) return 'none';
  const result = scanKubesec(text, {
    fileName: 'request',
    rules: chosen.rules,
    compat: 'default',
    check: () => undefined,
  });
  const scores = 'failure' in result ? [] : result.reports.filter(({ scored }) => scored).map(({ score }) => score);
  return scores.length === 0 ? 'none' : { score: Math.min(...scores) };
}
