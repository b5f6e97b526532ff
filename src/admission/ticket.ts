import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
} from 'node:crypto';
import { asObject, asString, asStrings, parseJson, type JsonObject } from '../formats/index.js';
import { AdmissionError } from './errors.js';

/** A permission to run what the policy refuses: for some images, in some namespaces, for a time. */
export interface Ticket {
  /** Names it in logs. */
  readonly id: string;
  /** Exact names, or `*` for all. */
  readonly namespaces: readonly string[];
  /** As in a policy (`registry.example.com/team`), or one image with its digest. */
  readonly images: readonly string[];
  readonly issuer: string;
  readonly reason: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** What signs and proves tickets: a shared secret, or a pair of Ed25519 of which a server needs the public half only. */
export type TicketKey =
  | { readonly kind: 'secret'; readonly secret: Uint8Array }
  | { readonly kind: 'ed25519'; readonly publicKey: KeyObject; readonly privateKey: KeyObject | undefined };

/** No ticket lives longer, whoever signed it. */
export const maxTicketMs = 7 * 24 * 3_600_000;
const clockToleranceMs = 5 * 60_000;
const maxTicketLength = 8192;
const minSecretBytes = 32;
const prefix = 'twt1';

/**
 * The key in a file: PEM holds an Ed25519 key, anything else is a secret, of which white space at its end is no part.
 * @throws AdmissionError `INVALID_TICKET_KEY`; no sentence holds any of the key.
 */
export function readTicketKey(bytes: Uint8Array, name: string): TicketKey {
  const text = new TextDecoder().decode(bytes).trimStart();
  if (!text.startsWith('-----BEGIN')) {
    let end = bytes.length;
    while (end > 0 && [9, 10, 13, 32].includes(bytes[end - 1] ?? 0)) end--;
    if (end >= minSecretBytes) return { kind: 'secret', secret: bytes.slice(0, end) };
    throw keyError(`${name} has ${end} bytes, and a secret has ${minSecretBytes} at least`);
  }
  try {
    const privateKey = /^-----BEGIN [A-Z ]*PRIVATE KEY/.test(text) ? createPrivateKey(text) : undefined;
    const publicKey = privateKey ? createPublicKey(privateKey) : createPublicKey(text);
    if (publicKey.asymmetricKeyType === 'ed25519') return { kind: 'ed25519', publicKey, privateKey };
  } catch {
    // Whatever the reader says of it might quote the key.
    throw keyError(`${name} is PEM that holds no key`);
  }
  throw keyError(`${name} holds a key of another kind than Ed25519`);
}

function keyError(message: string): AdmissionError {
  const hint = 'make one with "openssl rand -hex 32", or "openssl genpkey -algorithm ed25519"';
  return new AdmissionError('INVALID_TICKET_KEY', message, { hint });
}

/**
 * The ticket as text: letters, digits, `-`, `_` and `.` only, fit for an annotation.
 * @throws AdmissionError `INVALID_TICKET` for a ticket that no server would take, `INVALID_TICKET_KEY` for a public key.
 */
export function writeTicket(ticket: Ticket, key: TicketKey): string {
  const wrong = problemOf(ticket);
  if (wrong !== undefined) throw new AdmissionError('INVALID_TICKET', `the ticket ${wrong}`);
  const { id, namespaces, images, issuer, reason, issuedAt, expiresAt } = ticket;
  const document = { id, namespaces, images, issuer, reason, iat: seconds(issuedAt), exp: seconds(expiresAt) };
  const signed = `${prefix}.${Buffer.from(JSON.stringify(document)).toString('base64url')}`;
  return `${signed}.${Buffer.from(signatureOf(signed, key)).toString('base64url')}`;
}

function signatureOf(signed: string, key: TicketKey): Uint8Array {
  if (key.kind === 'secret') return mac(signed, key.secret);
  if (key.privateKey) return sign(null, Buffer.from(signed), key.privateKey);
  throw new AdmissionError('INVALID_TICKET_KEY', 'a public key signs nothing', { hint: 'name the private one' });
}

function mac(signed: string, secret: Uint8Array): Uint8Array {
  return createHmac('sha256', secret).update(signed).digest();
}

/** A text that was shown as a ticket: what it permits, or why it permits nothing (one clause, nothing of the text in it). */
export type ReadTicket =
  | { readonly ticket: Ticket; readonly problem?: undefined }
  | { readonly ticket?: undefined; readonly problem: string };

/** Checks the signature before it looks at what is signed, then the time. */
export function readTicket(text: string, keys: readonly TicketKey[], now: Date): ReadTicket {
  if (text.length > maxTicketLength) return { problem: 'it is longer than any ticket' };
  const [head, body = '', signature = '', ...more] = text.trim().split('.');
  const isForm = head === prefix && more.length === 0 && /^[\w-]+$/.test(body) && /^[\w-]+$/.test(signature);
  if (!isForm) return { problem: 'it is no ticket' };
  if (keys.length === 0) return { problem: 'this server takes none' };
  const proof = Buffer.from(signature, 'base64url');
  if (!keys.some((key) => proves(key, `${head}.${body}`, proof))) return { problem: 'its signature is none of ours' };
  const ticket = decode(Buffer.from(body, 'base64url'));
  if (!ticket) return { problem: 'what is signed is no ticket' };
  const wrong = problemOf(ticket);
  if (wrong !== undefined) return { problem: `it ${wrong}` };
  if (ticket.issuedAt.getTime() > now.getTime() + clockToleranceMs) return { problem: 'it is not valid yet' };
  if (ticket.expiresAt.getTime() <= now.getTime())
    return { problem: `it expired at ${ticket.expiresAt.toISOString()}` };
  return { ticket };
}

function proves(key: TicketKey, signed: string, proof: Uint8Array): boolean {
  if (key.kind === 'ed25519') return proof.length === 64 && verify(null, Buffer.from(signed), key.publicKey, proof);
  const expected = mac(signed, key.secret);
  return proof.length === expected.length && timingSafeEqual(proof, expected);
}

function decode(bytes: Uint8Array): Ticket | undefined {
  let document: JsonObject | undefined;
  try {
    document = asObject(parseJson(bytes, { maxBytes: maxTicketLength, maxDepth: 5 }));
  } catch {
    return undefined; // signed by us, and still no ticket
  }
  const namespaces = asStrings(document?.namespaces);
  const images = asStrings(document?.images);
  const [id, issuer, reason] = [document?.id, document?.issuer, document?.reason].map(asString);
  const issuedAt = date(document?.iat);
  const expiresAt = date(document?.exp);
  if (!namespaces || !images || !id || issuer === undefined || reason === undefined || !issuedAt || !expiresAt) {
    return undefined;
  }
  return { id, namespaces, images, issuer, reason, issuedAt, expiresAt };
}

function problemOf({ namespaces, images, issuer, reason, issuedAt, expiresAt }: Ticket): string | undefined {
  if (namespaces.length === 0) return 'names no namespace';
  if (images.length === 0) return 'names no image';
  if (issuer === '' || reason === '') return 'has no issuer or no reason';
  const lifeMs = expiresAt.getTime() - issuedAt.getTime();
  if (!(lifeMs > 0)) return 'ends before it begins';
  return lifeMs > maxTicketMs ? 'is valid for more than 7 days' : undefined;
}

function date(value: unknown): Date | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value < 1e11
    ? new Date(value * 1000)
    : undefined;
}

function seconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}
