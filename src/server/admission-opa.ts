import { openAccess } from '../access/index.js';
import { defaultAnswerMs, type AnswerSource } from '../admission/index.js';
import type { PolicyAnswer } from '../policy/index.js';
import { opaAnswers, OpaClient, type OpaKeys, type OpaResult } from '../opa/index.js';
import type { AdmissionMetrics } from './admission-metrics.js';
import type { Watched } from './watched.js';

/** Questions to OPA with what can be said of them from outside. */
export interface OpaService {
  readonly source: AnswerSource;
  /** What is shown to OPA, and whom we trust there; absent: nothing, and those that the system trusts. */
  readonly keys: Watched<OpaKeys> | undefined;
  /** Questions under way. */
  readonly busy: () => number;
  /** Why the last question got no answer; nothing if it got one, or none was asked. */
  readonly problem: () => string | undefined;
  /** Reads the files again if they have changed, or `force` is set. */
  refresh(how: { readonly force: boolean }): Promise<void>;
  close(): Promise<void>;
}

export interface AdmissionOpaOptions {
  readonly keys: Watched<OpaKeys> | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asks nobody: every answer is missing. */
  readonly offline: boolean;
  readonly metrics: AdmissionMetrics;
}

/** Opens no connection until a rule asks. */
export function openAdmissionOpa({ keys, environment, offline, metrics }: AdmissionOpaOptions): OpaService {
  let problem: string | undefined;
  const onEnd = (result: OpaResult, answer: PolicyAnswer): void => {
    metrics.opaAsked(result);
    problem = answer.state === 'missing' ? answer.reason : undefined;
  };
  const open = (): OpaClient =>
    new OpaClient({
      http: () => openAccess({ ca: keys?.value.ca, environment, offline, impatient: true }).http(),
      token: keys?.value.token,
      defaultTimeoutMs: defaultAnswerMs,
      onEnd,
    });
  let client = open();
  return {
    source: opaAnswers(() => client),
    keys,
    busy: () => client.busy,
    problem: () => problem,
    async refresh({ force }) {
      if (!(await keys?.check({ force }))) return;
      const before = client;
      client = open();
      await before.closeWhenIdle();
    },
    close: () => client.close(),
  };
}
