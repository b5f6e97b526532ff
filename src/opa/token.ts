import type { Policy } from '../policy/index.js';

/** What is shown to OPA, and whom we trust there. */
export interface OpaKeys {
  readonly token?: string | undefined;
  /** PEM texts of authorities, beside those that the system trusts. */
  readonly ca?: readonly string[] | undefined;
}

/** Characters of a token; those of service accounts have some 1,200. */
const maxTokenLength = 16 * 1024;

/** The bearer token in a file, without blanks around it; nothing where the file holds none. */
export function readToken(text: string): string | undefined {
  const token = text.trim();
  // RFC 6750, section 2.1, a little wider: what a header can carry.
  return token.length <= maxTokenLength && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

/**
 * Why one token cannot serve these policies, in one clause: a policy that asks several servers would show each of them what
 * is for one only. Nothing where it can.
 */
export function tokenProblem(policies: readonly Policy[]): string | undefined {
  const origins = new Set(
    policies.flatMap(({ rules }) =>
      rules.flatMap(({ check }) => (check.id === 'opa' ? [new URL(check.url).origin] : [])),
    ),
  );
  if (origins.size < 2) return undefined;
  return `the rules ask several servers (${[...origins].sort().join(', ')}), and a token is for one only`;
}
