import { readYamlStream } from '../formats/index.js';
import { createAnalysis, type KubernetesObject } from '../manifest/index.js';
import { needsOf, type Fact, type Policy, type WorkloadKnowledge } from '../policy/index.js';
import { subjectOfObject, textOfSource, tooLargeSource, withoutBookkeeping } from '../subjects/index.js';

const ofWorkloads: ReadonlySet<Fact> = new Set<Fact>(['podSecurity', 'kubesec', 'manifest']);

/** Does a policy look at the analysis of objects, or is an engine that it asks told of it? */
export function needsWorkload(policy: Policy): boolean {
  return policy.rules.some(({ check }) => needsOf(check).some((need) => ofWorkloads.has(need)));
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
  const text = textOfSource(value);
  if (text === undefined) return { state: 'missing', reason: tooLargeSource };
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
