import type { Reason } from '../policy/index.js';
import { clipText, plainLine } from '../report/index.js';
import type { AdmissionVerdict } from './verdict.js';

/** Longest message; users read its first sentence. */
const maxMessage = 1000;
const maxReason = 400;

/** Why a review is refused, in one line: the first reason whole, then how many more, then what to do. */
export function denialMessage(verdict: AdmissionVerdict): string {
  const { reasons, because, ticketProblem } = verdict;
  const ticket = ticketProblem === undefined ? '' : `; the break-glass ticket does not help: ${ticketProblem}`;
  if (reasons.length === 0) {
    return clipText(plainLine(`the review cannot be judged: ${because ?? 'no reason is known'}${ticket}`), maxMessage);
  }
  const told = distinct(reasons);
  const lines: string[] = [];
  const room = maxMessage - ticket.length - 40;
  let length = 0;
  for (const reason of told) {
    const line = clipText(reasonLine(reason), room);
    if (lines.length > 0 && length + line.length > room) break;
    lines.push(line);
    length += line.length + 2;
  }
  const more = told.length - lines.length;
  return clipText(plainLine(`${lines.join('; ')}${more > 0 ? `; and ${more} more` : ''}${ticket}`), maxMessage);
}

/** `nginx:latest (container web): registry docker.io is not allowed [trusted-registries]; to fix: ...` */
export function reasonLine(reason: Reason): string {
  const { rule, fix } = reason;
  const line = `${reasonClause(reason)} [${rule}]`;
  return plainLine(fix === undefined || fix === '' ? line : `${line} - to fix: ${clipText(fix, maxReason)}`);
}

function reasonClause({ image, place, object, message }: Reason): string {
  const { slot, name } = place ?? {};
  const where = name === undefined ? '' : ` (${slot ?? 'container'} ${clipText(name, 63)})`;
  const what = image === undefined ? (object?.kind ?? 'the object') : clipText(image === '' ? '(no name)' : image, 200);
  return `${what}${where}: ${clipText(message, maxReason)}`;
}

function distinct(reasons: readonly Reason[]): readonly Reason[] {
  return [...new Map(reasons.map((reason) => [reasonLine(reason), reason])).values()];
}

/** An API server drops a warning that holds a control character, and cuts what is longer once they are many. */
const maxWarning = 120;
const maxWarnings = 30;

/** What tells images apart is at the end of their names. */
function shortClause({ image, object, message }: Reason): string {
  const what = image ?? object?.kind ?? 'the object';
  return `${what.length > 45 ? `...${what.slice(-42)}` : what}: ${message}`;
}

/** For the user's terminal: what matters most first, each within what is shown of it. */
export function warningTexts(verdict: AdmissionVerdict): readonly string[] {
  const { breakGlass, warnings, reasons } = verdict;
  const texts: string[] = [];
  if (breakGlass) {
    const { id, issuer, expiresAt } = breakGlass;
    const what =
      expiresAt === undefined ? 'a plain true' : `ticket ${id} of ${issuer}, until ${expiresAt.toISOString()}`;
    texts.push(`tidewaiter: let through by break-glass ${what}`);
  }
  const shown = breakGlass ? [...reasons, ...warnings] : warnings;
  texts.push(...distinct(shown).map((reason) => `tidewaiter [${reason.rule}]: ${shortClause(reason)}`));
  const cut = [...new Set(texts.map((text) => clipText(plainLine(text), maxWarning)))];
  if (cut.length <= maxWarnings) return cut;
  return [...cut.slice(0, maxWarnings - 1), `tidewaiter: and ${cut.length - maxWarnings + 1} more warnings`];
}
