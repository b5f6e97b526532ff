import { asArray, asObject, asString, type JsonValue } from '../formats/index.js';

/** Is this what Secrets and service accounts may be called? What is not, no API server has. */
export function isObjectName(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(label));
}

/** Is this what a namespace may be called? */
export function isNamespaceName(text: string): boolean {
  return text.length <= 63 && !text.includes('.') && isObjectName(text);
}

/** The names in a list `imagePullSecrets`, of a pod or a service account, in order, each once; empty ones name nothing. */
export function readSecretNames(list: JsonValue | undefined): readonly string[] {
  const names = (asArray(list) ?? []).map((item) => asString(asObject(item)?.name) ?? '');
  return [...new Set(names.filter((name) => name !== ''))];
}
