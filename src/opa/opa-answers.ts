import type { AnswerSource } from '../admission/index.js';
import type { OpaClient } from './opa-client.js';
import { policyInput } from './policy-input.js';

/** The answers of the servers that rules name, asked for over the client of the moment. */
export function opaAnswers(client: () => Pick<OpaClient, 'ask'>): AnswerSource {
  return {
    async findAnswer({ policy, rule, check, subject }, deadline) {
      // It might be refused for what is in the part that cannot be told.
      if (subject.sourceGap !== undefined) {
        return { state: 'missing', reason: `OPA cannot be told of the object: ${subject.sourceGap}` };
      }
      const input = policyInput(subject, { policy, rule, needs: check.needs });
      return await client().ask({ url: check.url, timeoutMs: check.timeoutMs, input }, deadline);
    },
  };
}
