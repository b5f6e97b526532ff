import { unknownCodes } from '../../findings/index.js';
import type { Members } from './members.js';
import {
  incompleteActions,
  policyUnknownCodes,
  type IncompleteAction,
  type IncompleteCode,
  type IncompleteHandling,
} from './policy.js';

/** What happens where something could not be assessed; denied, where the document does not say. */
export function readIncomplete(root: Members): IncompleteHandling {
  const members = root.object('incomplete');
  members?.only(['action', 'pending', 'codes']);
  const action = members?.oneOf('action', incompleteActions) ?? 'deny';
  return {
    action,
    pending: members?.oneOf('pending', incompleteActions) ?? action,
    codes: readCodes(members?.object('codes')),
  };
}

function readCodes(members: Members | undefined): ReadonlyMap<IncompleteCode, IncompleteAction> {
  const codes = new Map<IncompleteCode, IncompleteAction>();
  // While a scan is under way, `pending` speaks.
  const known = [...policyUnknownCodes.filter((code) => code !== 'SCAN_PENDING'), ...unknownCodes];
  members?.only(known);
  for (const code of known) {
    const action = members?.oneOf(code, incompleteActions);
    if (action !== undefined) codes.set(code, action);
  }
  return codes;
}
