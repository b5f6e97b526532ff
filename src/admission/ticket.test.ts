import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import test from 'node:test';
import { isTidewaiterError } from '../core/index.js';
import { readTicket, readTicketKey, writeTicket, type Ticket, type TicketKey } from './ticket.js';

const now = new Date('2026-11-24T12:00:00Z');
const ticket: Ticket = {
  id: 't',
  namespaces: ['shop'],
  images: ['docker.io/library/nginx'],
  issuer: 'ann',
  reason: 'INC-1',
  issuedAt: now,
  expiresAt: new Date(now.getTime() + 3_600_000),
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const secret = readTicketKey(bytes(`${'s'.repeat(40)}\n`), 'secret');
const pair = generateKeyPairSync('ed25519');
const pem = (key: KeyObject, type: 'pkcs8' | 'spki'): Uint8Array =>
  bytes(key.export({ type, format: 'pem' }).toString());
const privateKey = readTicketKey(pem(pair.privateKey, 'pkcs8'), 'key');
const publicKey = readTicketKey(pem(pair.publicKey, 'spki'), 'key');

function refuses(run: () => unknown, code: string): void {
  assert.throws(run, (error) => isTidewaiterError(error) && error.code === code);
}

void test('tickets of both kinds of keys', () => {
  for (const [signs, proves] of [
    [secret, secret],
    [privateKey, publicKey],
    [privateKey, privateKey],
  ] as const) {
    const text = writeTicket(ticket, signs);
    assert.match(text, /^[\w.-]+$/);
    assert.deepEqual(readTicket(text, [proves], now), { ticket });
    assert.deepEqual(readTicket(` ${text}\n`, [secret, publicKey], now), { ticket });
  }
});

void test('what does not hold', () => {
  const text = writeTicket(ticket, privateKey);
  const other = readTicketKey(bytes('o'.repeat(40)), 'other');
  // A public key is no secret: who knows it could sign.
  const forged = readTicketKey(bytes(new TextDecoder().decode(pem(pair.publicKey, 'spki')).padEnd(200, ' ')), 'x');
  assert.equal(forged.kind, 'ed25519');
  const cases: readonly (readonly [string, readonly TicketKey[], Date])[] = [
    ['', [publicKey], now],
    ['true', [publicKey], now],
    [text, [], now],
    [text, [secret, other], now],
    [text.replace('twt1', 'twt2'), [publicKey], now],
    [`${text}.x`, [publicKey], now],
    [text.slice(0, -1), [publicKey], now],
    [text, [publicKey], new Date(now.getTime() + 3_600_000)],
    [text, [publicKey], new Date(now.getTime() - 3_600_000)],
    ['a'.repeat(1_000_000), [publicKey], now],
  ];
  for (const [shown, keys, when] of cases) {
    const read = readTicket(shown, keys, when);
    assert.equal(read.ticket, undefined, shown.slice(0, 60));
    assert.ok(!read.problem?.includes('docker.io'));
  }
  const [head = '', body = '', signature = ''] = text.split('.');
  for (let at = 0; at < body.length; at += 7) {
    const changed = `${body.slice(0, at)}${body.charAt(at) === 'A' ? 'B' : 'A'}${body.slice(at + 1)}`;
    assert.equal(readTicket(`${head}.${changed}.${signature}`, [publicKey], now).ticket, undefined);
  }
});

void test('keys and tickets that are none', () => {
  refuses(() => readTicketKey(bytes('short'), 'k'), 'INVALID_TICKET_KEY');
  refuses(() => readTicketKey(bytes(`short${' '.repeat(100)}`), 'k'), 'INVALID_TICKET_KEY');
  refuses(
    () => readTicketKey(bytes('-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----\n'), 'k'),
    'INVALID_TICKET_KEY',
  );
  const rsa = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  refuses(() => readTicketKey(pem(rsa.publicKey, 'spki'), 'k'), 'INVALID_TICKET_KEY');
  refuses(() => writeTicket(ticket, publicKey), 'INVALID_TICKET_KEY');
  for (const wrong of [
    { namespaces: [] },
    { images: [] },
    { issuer: '' },
    { reason: '' },
    { expiresAt: now },
    { expiresAt: new Date(now.getTime() + 8 * 24 * 3_600_000) },
  ]) {
    refuses(() => writeTicket({ ...ticket, ...wrong }, secret), 'INVALID_TICKET');
  }
});
