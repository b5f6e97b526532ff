import { openAccess } from '../access/index.js';
import { asksEngines, type AnswerSource } from '../admission/index.js';
import { ConfigError, readAuthorities, readUserFile, type Settings } from '../config/index.js';
import { opaAnswers, OpaClient, readToken, tokenProblem, type OpaKeys } from '../opa/index.js';
import type { Policy } from '../policy/index.js';
import type { CommandContext } from './command.js';

/** Commands that end wait longer than servers do for an engine that is far away. */
const defaultTimeoutMs = 5000;

/** Files that `--opa-token` and `--opa-ca` name. */
export function opaKeyPaths(settings: Settings): readonly string[] {
  return ['opa-token', 'opa-ca'].flatMap((name) => settings.text(name) ?? []);
}

/**
 * What is in them.
 * @throws ConfigError `FILE_NOT_FOUND`, `FILE_INVALID`; no sentence has any of the token
 */
export async function readOpaKeys(settings: Settings): Promise<OpaKeys> {
  const tokenPath = settings.text('opa-token');
  const ca = settings.text('opa-ca');
  return {
    token: tokenPath === undefined ? undefined : await readTokenFile(tokenPath, settings.origin('opa-token')),
    ca: ca === undefined ? undefined : [await readAuthorities(ca, settings.origin('opa-ca'))],
  };
}

async function readTokenFile(path: string, origin: string): Promise<string> {
  const text = await readUserFile(path, 'token');
  if (text === undefined) {
    throw new ConfigError('FILE_NOT_FOUND', `there is no token ${path} (${origin})`, {
      hint: 'name a file that exists',
    });
  }
  const token = readToken(text);
  if (token !== undefined) return token;
  throw new ConfigError('FILE_INVALID', `${path} (${origin}) holds no token`, {
    hint: 'it holds one line without blanks, of 16,384 characters at most',
  });
}

/**
 * Sees that the token that was given can serve the policies.
 * @throws ConfigError `CONFLICT`
 */
export function checkTokenUse(settings: Settings, policies: readonly Policy[]): void {
  const problem = settings.text('opa-token') === undefined ? undefined : tokenProblem(policies);
  if (problem === undefined) return;
  throw new ConfigError('CONFLICT', `${settings.origin('opa-token')} cannot be used: ${problem}`, {
    hint: 'let all rules ask one server, or leave the token out',
  });
}

/** Who asks for a command that ends; to be closed. */
export interface OpenedOpa {
  readonly source: AnswerSource | undefined;
  readonly close: () => Promise<void>;
}

const nobody: AnswerSource = {
  findAnswer: () => Promise.resolve({ state: 'missing', reason: 'OPA was not asked (--no-opa)' }),
};

/** Asks nobody where no rule does; with `--no-opa`, the answer is that. @throws ConfigError */
export async function openOpa(
  { environment }: Pick<CommandContext, 'environment'>,
  settings: Settings,
  policies: readonly Policy[],
): Promise<OpenedOpa> {
  const close = (): Promise<void> => Promise.resolve();
  if (!policies.some(asksEngines)) return { source: undefined, close };
  if (settings.isOn('no-opa')) return { source: nobody, close };
  checkTokenUse(settings, policies);
  const { token, ca } = await readOpaKeys(settings);
  const offline = settings.isOn('offline');
  const client = new OpaClient({
    http: () => openAccess({ ca, environment, offline }).http(),
    token,
    defaultTimeoutMs,
  });
  return { source: opaAnswers(() => client), close: () => client.close() };
}
