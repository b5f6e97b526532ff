import { asObject, readYamlStream, type JsonObject } from '../formats/index.js';
import { createAnalysis, type KubernetesObject } from '../manifest/index.js';
import type { CheckId, Policy, WorkloadKnowledge } from '../policy/index.js';
import { subjectOfObject } from '../subjects/index.js';

/** Bytes of an object that rules over manifests still look at. */
const maxAnalysedBytes = 1024 * 1024;

const manifestChecks: ReadonlySet<CheckId> = new Set<CheckId>(['podSecurity', 'kubesec', 'manifest', 'opa']);

/** Does a policy, or an engine that it asks, look at more than images? */
export function needsWorkload(policy: Policy): boolean {
  return policy.rules.some(({ check }) => manifestChecks.has(check.id));
}

/**
 * What the analysis of an object says, for rules over manifests. What its author suppressed by annotations counts all the
 * same: the policy's exceptions are the operator's.
 */
export function workloadKnowledge(
  object: KubernetesObject,
  { now, unchanged }: { readonly now: Date; readonly unchanged: boolean | undefined },
): WorkloadKnowledge {
  const value = withoutBookkeeping(object.value);
  const text = JSON.stringify(value);
  if (text.length > maxAnalysedBytes) {
    return { state: 'missing', reason: `the object has more than ${maxAnalysedBytes} bytes` };
  }
  const analysis = createAnalysis({ now });
  for (const [at, part] of [...readYamlStream(text)].entries()) analysis.add({ name: 'request' }, part, at);
  const report = analysis.finish();
  const known = {
    findings: [...report.findings, ...report.suppressed.map(({ finding }) => finding)],
    podSecurity: report.podSecurity,
    unknowns: report.unknowns.map(({ reason }) => reason),
  };
  const { workload } = subjectOfObject({ ...object, value }, { analysis: known });
  if (workload?.state !== 'assessed') return { state: 'missing', reason: 'the object cannot be analysed' };
  return { ...workload, unchanged };
}

/** Who wrote which field, and what became of the object: neither is what was asked for. */
function withoutBookkeeping(object: JsonObject): JsonObject {
  const { status: _, ...rest } = object;
  const metadata = asObject(object.metadata);
  if (!metadata) return rest;
  const { managedFields: __, ...kept } = metadata;
  return { ...rest, metadata: kept };
}
