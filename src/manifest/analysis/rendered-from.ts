import { asObject, asString, type JsonValue } from '../../formats/index.js';

/**
 * The template file that a rendered document came from: by the comment `# Source: …` that `helm template` writes above it,
 * or by the annotations that Kustomize leaves (`config.kubernetes.io/origin`, `…/path`). `undefined` for other documents.
 */
export function renderedFrom(text: string, value: JsonValue): string | undefined {
  const head = text.slice(0, 2048);
  const comment = /^# Source: ([^\r\n]{1,1024})$/m.exec(head);
  if (comment && isAboveContent(head.slice(0, comment.index))) return comment[1]?.trim();
  const annotations = asObject(asObject(asObject(value)?.metadata)?.annotations);
  if (!annotations) return undefined;
  const origin = asString(annotations['config.kubernetes.io/origin']);
  const path = origin === undefined ? undefined : /^path: ([^\r\n]{1,1024})$/m.exec(origin.slice(0, 4096))?.[1];
  return (
    path ??
    asString(annotations['internal.config.kubernetes.io/path']) ??
    asString(annotations['config.kubernetes.io/path'])
  );
}

function isAboveContent(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(?:#|---|$)/.test(line));
}
