import { admissionOutcomes, admissionRoutes, dataRoutes } from '../../admission/index.js';

/** Which decisions are asked for; what is absent is not asked for. */
export interface DecisionQuery {
  readonly outcomes?: ReadonlySet<string> | undefined;
  readonly allowed?: boolean | undefined;
  readonly route?: string | undefined;
  readonly namespace?: string | undefined;
  /** Each must occur somewhere in the record; lower case. */
  readonly words: readonly string[];
  /** Only those before, or after, the one with this identifier. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

export type ReadQuery =
  | { readonly query: DecisionQuery }
  /** One sentence. */
  | { readonly problem: string };

/** How identifiers of decisions look: those of another run of the server are others. */
export const decisionIdPattern = /^([0-9a-f]{8})-([1-9][0-9]{0,14})$/;

const routes: readonly string[] = [...admissionRoutes, ...dataRoutes];

const maxLimit = 200;
const maxNamespace = 253;
const maxWordsLength = 200;
/** Each is looked for in all that is kept. */
const maxWords = 10;

/** Reads the parameters of `/api/decisions`. An empty one is as none. */
export function readDecisionQuery(parameters: URLSearchParams): ReadQuery {
  const given = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (!names.has(name))
      return {
        problem: `there is no parameter ${JSON.stringify(name.slice(0, 50))}; there are ${[...names].join(', ')}`,
      };
    if (given.has(name)) return { problem: `${name} is given twice` };
    given.set(name, value);
  }
  const text = (name: string): string | undefined => given.get(name) || undefined;
  const outcomes = text('outcome')?.split(',', admissionOutcomes.length + 1);
  const wrong = outcomes?.find((outcome) => !admissionOutcomes.some((known) => known === outcome));
  if (wrong !== undefined)
    return { problem: `outcome is one or more of ${admissionOutcomes.join(', ')}, with commas between` };
  const allowed = text('allowed');
  if (allowed !== undefined && allowed !== 'true' && allowed !== 'false')
    return { problem: 'allowed is true or false' };
  const route = text('route');
  if (route !== undefined && !routes.some((known) => known === route)) {
    return { problem: `route is one of ${routes.join(', ')}` };
  }
  const namespace = text('namespace');
  if (namespace !== undefined && namespace.length > maxNamespace) {
    return { problem: `namespace has more than ${maxNamespace} characters` };
  }
  const q = text('q') ?? '';
  if (q.length > maxWordsLength) return { problem: `q has more than ${maxWordsLength} characters` };
  const words = q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length > maxWords) return { problem: `q has more than ${maxWords} words` };
  const [before, after] = [text('before'), text('after')];
  for (const [name, id] of [
    ['before', before],
    ['after', after],
  ] as const) {
    if (id !== undefined && !decisionIdPattern.test(id)) return { problem: `${name} is no identifier of a decision` };
  }
  if (before !== undefined && after !== undefined) return { problem: 'before and after do not go together' };
  const limit = text('limit') ?? '50';
  if (!/^[1-9][0-9]{0,2}$/.test(limit) || Number(limit) > maxLimit) {
    return { problem: `limit is a number from 1 to ${maxLimit}` };
  }
  return {
    query: {
      outcomes: outcomes && new Set(outcomes),
      allowed: allowed === undefined ? undefined : allowed === 'true',
      route,
      namespace,
      words,
      before,
      after,
      limit: Number(limit),
    },
  };
}

const names: ReadonlySet<string> = new Set([
  'outcome',
  'allowed',
  'route',
  'namespace',
  'q',
  'before',
  'after',
  'limit',
]);
