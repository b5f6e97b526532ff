import { asObject, type JsonValue } from '../../formats/index.js';
import { quoted } from './quoted.js';
import type { Hit } from './rule.js';
import type { ContainerView } from './views.js';

const powers: ReadonlyMap<string, number> = new Map([
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['P', 1e15],
  ['E', 1e18],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['Pi', 2 ** 50],
  ['Ei', 2 ** 60],
]);

/** A quantity of Kubernetes (`500m`, `1.5Gi`, `1e3`, 2) as a number; `undefined` for what is none. */
export function parseQuantity(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const parts = /^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:[eE]([+-]?[0-9]{1,3})|([A-Za-z]{0,2}))$/.exec(value);
  if (!parts) return undefined;
  const [, digits = '', exponent, suffix = ''] = parts;
  const power = exponent === undefined ? powers.get(suffix) : 10 ** Number(exponent);
  return power === undefined ? undefined : Number(digits) * power;
}

/** What holds of a resource for a container: its own value, else that of the pod as a whole. */
export function resourceOf(
  container: ContainerView,
  list: 'limits' | 'requests',
  resource: string,
): JsonValue | undefined {
  const own = asObject(asObject(container.value.resources)?.[list])?.[resource];
  if (own !== undefined && own !== null) return own;
  return asObject(asObject(container.pod.spec.resources)?.[list])?.[resource] ?? undefined;
}

/** A limit of nothing, and one that is no quantity, does not limit. */
export function isLimited(value: JsonValue | undefined): boolean {
  const amount = parseQuantity(value);
  return amount !== undefined && amount > 0;
}

/** A container without a limit for a resource; debugging containers cannot have any. */
export function limitMissing(container: ContainerView, resource: string): readonly Hit[] {
  if (container.role === 'ephemeralContainer') return [];
  const limit = resourceOf(container, 'limits', resource);
  if (isLimited(limit)) return [];
  const is = limit === undefined ? 'not set' : quoted(limit);
  return [
    {
      path: ['resources', 'limits', resource],
      message: `resources.limits.${resource} is ${is}`,
      effective: { value: limit ?? null, from: limit === undefined ? 'default' : 'container' },
    },
  ];
}

/** A container that asks for nothing of a resource; Kubernetes takes the limit for the request where only that is set. */
export function requestMissing(container: ContainerView, resource: string): readonly Hit[] {
  if (container.role === 'ephemeralContainer') return [];
  const request = resourceOf(container, 'requests', resource);
  if (isLimited(request) || (request === undefined && isLimited(resourceOf(container, 'limits', resource)))) return [];
  const is = request === undefined ? 'not set' : quoted(request);
  return [
    {
      path: ['resources', 'requests', resource],
      message: `resources.requests.${resource} is ${is}`,
      effective: { value: request ?? null, from: request === undefined ? 'default' : 'container' },
    },
  ];
}
