import { compareText, type Finding } from '../findings/index.js';
import { clipText, plainText } from './plain-text.js';
import { resultTarget, type ResultContext } from './result-target.js';
import type { PackageReport } from './scan-report.js';
import { createStyle } from './style.js';
import { countBySeverity, renderHeading } from './table-section.js';

/** Packages looked at in search of the direct dependencies above one package. */
const maxAncestors = 10_000;

/**
 * Each vulnerable package with the packages that need it: a direct dependency by its name, farther ones left out and
 * only the direct dependencies named that lead there. Nothing where no package depends on another.
 */
export function* renderDependencyTree({ report, image, result, options }: ResultContext): Generator<string> {
  const parents = parentsOf(result.packages);
  if (parents.size === 0) return;
  const style = createStyle(options.color === true);
  const findings = findingsById(result.findings);
  const vulnerable = result.packages.filter((item) => item.id !== '' && findings.has(item.id));
  if (vulnerable.length === 0) return;
  yield `\n${renderHeading('Dependency Origin Tree (Reversed)', { style, color: options.color === true })}`;
  yield `${plainText(resultTarget({ report, image, result }))}\n`;
  for (const [i, item] of vulnerable.entries()) {
    const isLast = i === vulnerable.length - 1;
    const counts = countBySeverity(findings.get(item.id) ?? [], options.severities);
    yield `${isLast ? '└── ' : '├── '}${style.culprit(`${nameOf(item)}, (${counts})`)}\n`;
    yield* renderParents(item, parents, isLast ? '    ' : '│   ');
  }
}

type Parents = ReadonlyMap<string, readonly PackageReport[]>;

function* renderParents(item: PackageReport, parents: Parents, indent: string): Generator<string> {
  if (isTop(item, parents)) return;
  const direct: string[] = [];
  const farther: PackageReport[] = [];
  for (const parent of parents.get(item.id) ?? []) {
    if (isTop(parent, parents)) direct.push(nameOf(parent));
    else farther.push(parent);
  }
  const omitted = topsAbove(farther, parents).filter((name) => !direct.includes(name));
  for (const [i, name] of direct.entries()) {
    yield `${indent}${i === direct.length - 1 && omitted.length === 0 ? '└── ' : '├── '}${name}\n`;
  }
  if (omitted.length === 0) return;
  yield `${indent}└── ...(omitted)...\n`;
  for (const [i, name] of omitted.entries())
    yield `${indent}    ${i === omitted.length - 1 ? '└── ' : '├── '}${name}\n`;
}

/** Where the way up ends: at a direct dependency, or at a package that nothing needs. */
function isTop(item: PackageReport, parents: Parents): boolean {
  if (item.relationship === 'indirect') return false;
  if (item.relationship !== undefined && item.relationship !== 'unknown') return true;
  return !parents.has(item.id);
}

function topsAbove(start: readonly PackageReport[], parents: Parents): readonly string[] {
  const tops = new Set<string>();
  const seen = new Set<string>();
  const waiting = [...start];
  for (let item = waiting.pop(); item !== undefined && seen.size < maxAncestors; item = waiting.pop()) {
    if (seen.has(item.id)) continue;
    seen.add(item.id);
    if (isTop(item, parents)) tops.add(nameOf(item));
    else waiting.push(...(parents.get(item.id) ?? []));
  }
  return [...tops].sort(compareText);
}

function parentsOf(packages: readonly PackageReport[]): Parents {
  const known = new Set(packages.map((item) => item.id));
  const parents = new Map<string, PackageReport[]>();
  for (const item of packages) {
    for (const id of item.dependsOn ?? []) {
      if (id === item.id || !known.has(id)) continue;
      const others = parents.get(id);
      if (others) others.push(item);
      else parents.set(id, [item]);
    }
  }
  return parents;
}

function findingsById(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const byId = new Map<string, Finding[]>();
  for (const finding of findings) {
    const others = byId.get(finding.packageId);
    if (others) others.push(finding);
    else byId.set(finding.packageId, [finding]);
  }
  return byId;
}

function nameOf(item: PackageReport): string {
  return plainText(clipText(item.id, 200));
}
