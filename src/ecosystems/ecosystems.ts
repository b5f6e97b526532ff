import type { Ecosystem } from './ecosystem.js';

const npm = {
  databaseName: 'npm',
  scheme: 'npm',
  purlType: 'npm',
  normalizeName: (name) => name.toLowerCase(),
  purlName: (name) => {
    const lower = name.toLowerCase();
    const slash = lower.lastIndexOf('/');
    return slash === -1 ? { name: lower } : { namespace: lower.slice(0, slash), name: lower.slice(slash + 1) };
  },
} as const satisfies Omit<Ecosystem, 'id'>;

const pip = {
  databaseName: 'pip',
  scheme: 'pep440',
  purlType: 'pypi',
  normalizeName: normalizePythonName,
  purlName: (name) => ({ name: normalizePythonName(name) }),
} as const satisfies Omit<Ecosystem, 'id'>;

/** Every application type that is matched. */
export const ecosystems = [
  { id: 'node-pkg', aggregatedTarget: 'Node.js', ...npm },
  { id: 'npm', ...npm },
  { id: 'yarn', ...npm },
  { id: 'pnpm', ...npm },
  { id: 'bun', ...npm },
  { id: 'javascript', ...npm },
  { id: 'python-pkg', aggregatedTarget: 'Python', ...pip },
  { id: 'pip', ...pip },
  { id: 'pipenv', ...pip },
  { id: 'poetry', ...pip },
  { id: 'uv', ...pip },
  { id: 'pylock', ...pip },
] as const satisfies readonly Ecosystem[];

const byType: ReadonlyMap<string, Ecosystem> = new Map(ecosystems.map((record) => [record.id, record]));

/** The record of an application type, as reports spell it. */
export function ecosystemOf(applicationType: string): Ecosystem | undefined {
  return byType.get(applicationType);
}

/** Dots stay, although the index of Python packages takes them for dashes. */
function normalizePythonName(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}
