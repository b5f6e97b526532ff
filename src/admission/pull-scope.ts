import { asString, type JsonObject } from '../formats/index.js';
import { readSecretNames } from '../pull-secrets/index.js';

/** Where the pull secrets of a pod stand: names only, never what is in them. */
export interface PullScope {
  /** Of the request: no other one is ever looked into for it. */
  readonly namespace: string;
  /** As the pod lists them; absent where the protocol does not carry that. */
  readonly secrets?: readonly string[] | undefined;
  /** Whose list counts, where the pod has none and admission has not copied it yet. */
  readonly serviceAccount?: string | undefined;
}

/**
 * The scope of a pod, or of a template of pods. Into a pod the plugin ServiceAccount has copied the list of the account
 * before we are asked; into a template it will only when pods are made from it.
 */
export function pullScopeOf(spec: JsonObject, namespace: string | undefined, isPod: boolean): PullScope | undefined {
  if (namespace === undefined || namespace === '') return undefined;
  const secrets = readSecretNames(spec['imagePullSecrets']);
  if (isPod || secrets.length > 0) return { namespace, secrets };
  const account = asString(spec['serviceAccountName']) || asString(spec['serviceAccount']) || 'default';
  return { namespace, secrets, serviceAccount: account };
}

/** The scope of a pod whose specification the protocol does not carry. */
export function unknownPullScope(namespace: string | undefined): PullScope | undefined {
  return namespace === undefined || namespace === '' ? undefined : { namespace };
}
