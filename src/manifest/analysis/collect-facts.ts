import { asObject, asString, type JsonObject } from '../../formats/index.js';
import type { PodSecurityLevel } from '../pod-security/index.js';
import type {
  Anchor,
  InputFacts,
  NamespaceFact,
  NetworkPolicyFact,
  ServiceAccountFact,
  WorkloadFact,
} from './input-facts.js';
import { kept, type ObjectView, type PodView } from './views.js';
import { enforceLabel } from './namespace-labels.js';

/** What is kept of each object for the rules that look at all of them. */
export class FactCollector implements InputFacts {
  readonly workloads: WorkloadFact[] = [];
  readonly serviceAccounts: ServiceAccountFact[] = [];
  readonly networkPolicies: NetworkPolicyFact[] = [];
  readonly namespaces: NamespaceFact[] = [];

  addObject({ object, value, group }: ObjectView): void {
    const name = kept(object.name ?? '');
    const namespace = kept(object.namespace ?? 'default');
    if (object.kind === 'ServiceAccount' && group === '') {
      const automount = booleanOf(value.automountServiceAccountToken);
      this.serviceAccounts.push({ namespace, name, automount });
    } else if (object.kind === 'NetworkPolicy') {
      const selector = asObject(value.spec)?.podSelector;
      this.networkPolicies.push({ namespace, selector: selector === null ? {} : asObject(selector ?? {}) });
    } else if (object.kind === 'Namespace' && group === '') {
      const enforce = asString(asObject(asObject(value.metadata)?.labels)?.[enforceLabel]);
      this.namespaces.push({ name, enforce: enforce === undefined ? undefined : kept(enforce) });
    }
  }

  addPod(
    pod: PodView,
    level: PodSecurityLevel,
    anchors: { readonly at: Anchor; readonly token: Anchor | undefined },
  ): void {
    const { spec, labels, object } = pod;
    this.workloads.push({
      ...anchors,
      namespace: kept(object.namespace ?? 'default'),
      labels: keptLabels(labels),
      serviceAccount: kept(asString(spec.serviceAccountName) || asString(spec.serviceAccount) || 'default'),
      automount: booleanOf(spec.automountServiceAccountToken),
      hostNetwork: spec.hostNetwork === true,
      level,
    });
  }
}

function keptLabels(labels: JsonObject): JsonObject {
  const own: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const key of Object.keys(labels)) {
    const value = labels[key];
    if (typeof value === 'string') own[kept(key)] = kept(value);
  }
  return own;
}

function booleanOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}
