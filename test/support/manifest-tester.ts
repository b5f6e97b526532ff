import assert from 'node:assert/strict';
import test from 'node:test';
import { readYamlStream } from '../../src/formats/index.js';
import {
  createAnalysis,
  findManifestRule,
  type AnalysisOptions,
  type ManifestFinding,
  type ManifestReport,
} from '../../src/manifest/index.js';

/** The day on which manifests of tests are judged. */
export const today = new Date('2026-06-01T12:00:00Z');

/** What the analysis says of the documents of one text. */
export function analyse(yaml: string, options: Partial<AnalysisOptions> = {}): ManifestReport {
  const analysis = createAnalysis({ now: today, ...options });
  let at = 0;
  for (const part of readYamlStream(yaml)) analysis.add({ name: 'test.yaml' }, part, at++);
  return analysis.finish();
}

/** A pod of one container from the text of its members, in brackets or without. */
export function pod(container: string, spec = ''): string {
  return `apiVersion: v1
kind: Pod
metadata: {name: p, namespace: shop}
spec:
  containers:
  - {name: app, image: registry.example.com/app:1${container === '' ? '' : `, ${container}`}}
${spec
  .split('\n')
  .map((line) => `  ${line}`)
  .join('\n')}`;
}

/** A rule finds something, once, and says it of the line and container that are asked for. */
export function catches(
  rule: string,
  yaml: string,
  expected: { readonly line?: number; readonly container?: string; readonly times?: number } = {},
): void {
  test(`${rule} catches ${titleOf(yaml)}`, () => {
    const found = foundBy(rule, yaml);
    assert.equal(found.length, expected.times ?? 1, JSON.stringify(found));
    const [finding] = found;
    if (expected.line !== undefined) assert.equal(finding?.place.line, expected.line);
    if (expected.container !== undefined) assert.equal(finding?.container?.name, expected.container);
  });
}

/** A rule finds nothing. */
export function passes(rule: string, yaml: string): void {
  test(`${rule} passes ${titleOf(yaml)}`, () => assert.deepEqual(foundBy(rule, yaml), []));
}

/** What one rule, named by its name, finds. */
export function foundBy(rule: string, yaml: string): readonly ManifestFinding[] {
  assert.ok(findManifestRule(rule), `there is no rule ${rule}`);
  return analyse(yaml, { rules: [rule] }).findings;
}

function titleOf(yaml: string): string {
  return yaml
    .replace(/^apiVersion: v1\nkind: Pod[\s\S]*?app:1,? ?/, '')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 90);
}
