import { quoted } from '../analysis/quoted.js';
import type { ContainerRule } from '../analysis/rule.js';
import { editDistance } from '../analysis/spelling.js';

export const imageRegistrySuspect: ContainerRule = {
  id: 'TW-K055',
  name: 'image-registry-suspect',
  severity: 'MEDIUM',
  scope: 'container',
  title: 'The registry of an image looks wrong',
  why: 'An address, this machine or a name that is nearly a well-known one is where mistakes and forgeries come from.',
  fix: 'name the registry that is meant',
  check: ({ image, parsedImage }) => {
    const { reference } = parsedImage;
    const suspicion = reference && suspicionOf(reference.registry);
    return suspicion ? [{ path: ['image'], message: `the registry of ${quoted(image)} ${suspicion}` }] : [];
  },
};

const wellKnown: readonly string[] = [
  'docker.io',
  'gcr.io',
  'ghcr.io',
  'lscr.io',
  'mcr.microsoft.com',
  'public.ecr.aws',
  'quay.io',
  'registry.access.redhat.com',
  'registry.gitlab.com',
  'registry.k8s.io',
  'registry.redhat.io',
];

function suspicionOf(registry: string): string | undefined {
  const host = registry.replace(/:[0-9]{1,5}$/, '').toLowerCase();
  if (host === 'localhost' || host.startsWith('127.') || host === '[::1]') return 'is the node itself';
  if (/^[0-9.]+$/.test(host) || host.startsWith('[')) return 'is a bare address';
  if (host === 'k8s.gcr.io') return 'is no longer kept: registry.k8s.io took its place';
  if (wellKnown.includes(host) || host.length > 40) return undefined;
  const alike = wellKnown.find(
    (name) => name.length > 6 && Math.abs(name.length - host.length) < 2 && editDistance(name, host) === 1,
  );
  if (alike !== undefined) return `is nearly ${alike}`;
  const inside = wellKnown.find((name) => host.startsWith(`${name}.`));
  return inside === undefined ? undefined : `begins like ${inside}, and is not it`;
}
