import type { PlainBreakGlass } from '../admission/index.js';
import { ConfigError, type Settings } from '../config/index.js';

/** Groups in which every user is, or every pod's account: for these a plain `true` would be no exception at all. */
const everybody: ReadonlySet<string> = new Set([
  'system:authenticated',
  'system:unauthenticated',
  'system:serviceaccounts',
  'system:nodes',
]);

/**
 * Where a plain `true` breaks the glass, if anywhere; that it does is said at every start.
 * @throws ConfigError `INVALID_VALUE` for what would be everywhere
 */
export function plainBreakGlass(
  settings: Settings,
  log: (level: 'warn', message: string) => void,
): PlainBreakGlass | undefined {
  const namespaces = new Set(settings.list('break-glass-plain-namespaces'));
  const groups = new Set(settings.list('break-glass-plain-groups'));
  if (namespaces.size + groups.size === 0) return undefined;
  refuse(
    settings,
    'break-glass-plain-namespaces',
    [...namespaces].find((name) => !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)),
  );
  refuse(
    settings,
    'break-glass-plain-groups',
    [...groups].find((name) => name.includes('*') || everybody.has(name)),
  );
  const where = [
    ...(namespaces.size === 0 ? [] : [`in ${[...namespaces].join(', ')}`]),
    ...(groups.size === 0 ? [] : [`from ${[...groups].join(', ')}`]),
  ];
  log(
    'warn',
    `break-glass: a plain "true" lets every image through ${where.join(' and ')}; it is signed by nobody and never ends`,
  );
  return { namespaces, groups };
}

function refuse(settings: Settings, option: string, name: string | undefined): void {
  if (name === undefined) return;
  throw new ConfigError(
    'INVALID_VALUE',
    `${settings.origin(option)}: ${JSON.stringify(name.slice(0, 100))} is not taken here`,
    {
      hint: 'name single namespaces, and groups in which only few users are',
    },
  );
}
