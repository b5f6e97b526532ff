import type { YamlPath } from '../../formats/index.js';
import type { Policy, PolicyException, PolicyRule } from '../document/policy.js';
import type { Oddity } from './oddity.js';

/** Exceptions that have ended, that nobody answers for, or that take a whole rule away. */
export function lintExceptions({ exceptions, rules }: Policy, now: Date): readonly Oddity[] {
  return exceptions.flatMap((exception, at) => {
    const path = ['exceptions', at];
    const { expiresAt } = exception;
    if (expiresAt && expiresAt.getTime() <= now.getTime()) {
      const day = expiresAt.toISOString().slice(0, 10);
      const message = `the exception ended on ${day} and no longer counts`;
      return [{ path: [...path, 'expires'], code: 'EXPIRED' as const, message, hint: 'leave it out, or decide anew' }];
    }
    return [...lintOwnership(exception, path), ...lintReach(exception, path, rules)];
  });
}

function lintOwnership({ reason, owner, expiresAt }: PolicyException, path: YamlPath): readonly Oddity[] {
  const oddities: Oddity[] = [];
  if (reason === undefined) {
    oddities.push({ path, code: 'WITHOUT_REASON', message: 'the exception gives no reason', hint: 'add "reason:"' });
  }
  if (owner === undefined) {
    oddities.push({ path, code: 'WITHOUT_OWNER', message: 'nobody answers for the exception', hint: 'add "owner:"' });
  }
  if (expiresAt === undefined) {
    const hint = 'add "expires: YYYY-MM-DD"';
    oddities.push({ path, code: 'WITHOUT_END', message: 'the exception has no end', hint });
  }
  return oddities;
}

function lintReach(exception: PolicyException, path: YamlPath, rules: readonly PolicyRule[]): readonly Oddity[] {
  const { vulnerabilities, packages, images, namespaces } = exception;
  const named = exception.rules;
  if (!vulnerabilities && !packages) {
    if (images || namespaces) return [];
    const message = `the exception takes ${named?.join(', ') ?? 'rules'} away as a whole`;
    return [{ path, code: 'NO_EFFECT', message, hint: 'add images or namespaces, or make the rule "action: audit"' }];
  }
  const concerned = rules.filter((rule) => !named || named.includes(rule.name));
  if (concerned.some((rule) => judgesFindings(rule))) return [];
  const message = 'the exception is of vulnerabilities, and no rule that it is for judges any';
  return [{ path, code: 'NO_EFFECT', message, hint: 'leave it out' }];
}

function judgesFindings({ check }: PolicyRule): boolean {
  if (check.id !== 'expressions') return check.id === 'vulnerabilities';
  return check.entries.some(({ expression }) => expression.mentions.has('findings'));
}
