import { parseImagePattern, findPattern, type SubjectImage } from '../policy/index.js';
import { InvalidReferenceError, parseReference, type Reference } from '../reference/index.js';
import type { Review, ReviewedPod } from './review.js';
import { readTicket, type Ticket, type TicketKey } from './ticket.js';

/** Who may override the policy, and how they say so. */
export interface BreakGlass {
  /** What stands before `.image-policy.k8s.io/break-glass` in the annotation that holds a ticket. */
  readonly prefix: string;
  readonly keys: readonly TicketKey[];
  /** Where and by whom a plain `true` is taken instead of a ticket; absent: nowhere. */
  readonly plain?: PlainBreakGlass | undefined;
}

/** A plain `true` proves nothing: whoever may make a pod there can write it. */
export interface PlainBreakGlass {
  /** Exact names. */
  readonly namespaces: ReadonlySet<string>;
  /** Of the user; an ImageReview says of none. */
  readonly groups: ReadonlySet<string>;
}

/** What let something through: a ticket, or a plain `true`, which ends never and has nobody's signature. */
export interface BreakGlassUse {
  /** Of the ticket; `plain` without one. */
  readonly id: string;
  /** Without a ticket the user, where the protocol says who it is. */
  readonly issuer: string;
  readonly reason: string;
  readonly expiresAt?: Date | undefined;
}

/** A use as one line for people. */
export function breakGlassWords({ id, issuer, expiresAt, reason }: BreakGlassUse): string {
  const who =
    expiresAt === undefined ? `plain true of ${issuer}` : `ticket ${id} of ${issuer} until ${expiresAt.toISOString()}`;
  return `${who}: ${reason}`;
}

/** What became of the tickets of a review; neither member where none was shown. */
export interface ShownTickets {
  readonly use?: BreakGlassUse | undefined;
  /** One clause. */
  readonly problem?: string | undefined;
}

/** The annotation in which a ticket is shown; without a dot before the domain an API server would not forward it. */
export function breakGlassKey(prefix: string): string {
  return `${prefix}.image-policy.k8s.io/break-glass`;
}

/**
 * A ticket holds for a review if, in every pod of it, it covers the namespace and each image that is new there; a plain
 * `true`, where the namespace or a group of the user is one of those for which it is taken.
 */
export function checkTickets(review: Review, { prefix, keys, plain }: BreakGlass, now: Date): ShownTickets {
  const { pods, namespace } = review;
  let use: BreakGlassUse | undefined;
  const key = breakGlassKey(prefix);
  for (const pod of pods) {
    const text = Object.hasOwn(pod.annotations, key) ? pod.annotations[key] : undefined;
    if (text === undefined) {
      if (pods.some(({ annotations }) => Object.hasOwn(annotations, key))) return { problem: 'not every pod shows it' };
      return {};
    }
    if (plain && text.trim() === 'true') {
      const plainUse = plainUseOf(review, plain);
      if (!plainUse) return { problem: 'it is a plain true, which is not taken here' };
      use ??= plainUse;
      continue;
    }
    const { ticket, problem } = readTicket(text, keys, now);
    if (!ticket) return { problem };
    const gap = gapIn(ticket, pod, namespace);
    if (gap !== undefined) return { problem: gap };
    use = { id: ticket.id, issuer: ticket.issuer, reason: ticket.reason, expiresAt: ticket.expiresAt };
  }
  return { use };
}

function plainUseOf({ namespace, user, groups = [] }: Review, plain: PlainBreakGlass): BreakGlassUse | undefined {
  const issuer = user ?? 'an unknown user';
  if (namespace !== undefined && plain.namespaces.has(namespace)) {
    return { id: 'plain', issuer, reason: `it is taken in the namespace ${namespace}` };
  }
  const group = groups.find((one) => plain.groups.has(one));
  return group === undefined ? undefined : { id: 'plain', issuer, reason: `it is taken from the group ${group}` };
}

function gapIn(ticket: Ticket, pod: ReviewedPod, namespace: string | undefined): string | undefined {
  const { namespaces, images } = ticket;
  if (!namespaces.includes('*') && (namespace === undefined || !namespaces.includes(namespace))) {
    return 'it is for another namespace';
  }
  const fresh = pod.subject.images.filter(({ unchanged }) => unchanged !== true);
  return fresh.every((image) => covers(images, image)) ? undefined : 'it does not cover every image';
}

/** Is an image one of those that a ticket names? */
function covers(entries: readonly string[], image: SubjectImage): boolean {
  const reference = readReference(image.text);
  return reference !== undefined && entries.some((entry) => fitsEntry(entry, reference));
}

function fitsEntry(entry: string, reference: Reference): boolean {
  if (entry.includes('@')) {
    const pinned = readReference(entry);
    return (
      pinned?.digest !== undefined &&
      pinned.digest === reference.digest &&
      pinned.registry === reference.registry &&
      pinned.repository === reference.repository
    );
  }
  const pattern = parseImagePattern(entry);
  return 'registry' in pattern && findPattern([pattern], reference, 'grant') !== undefined;
}

/** What is wrong with an entry for images of a ticket, in one clause; nothing if it is right. */
export function ticketImageProblem(entry: string): string | undefined {
  if (entry.includes('@')) return readReference(entry)?.digest === undefined ? 'is no image with a digest' : undefined;
  const pattern = parseImagePattern(entry);
  return 'registry' in pattern ? undefined : pattern.problem;
}

function readReference(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (error instanceof InvalidReferenceError) return undefined;
    throw error;
  }
}
