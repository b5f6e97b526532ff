import assert from 'node:assert/strict';
import test from 'node:test';
import { checkTickets, type BreakGlass } from './break-glass.js';
import type { Review, ReviewedPod } from './review.js';
import { readTicketKey, writeTicket } from './ticket.js';

const now = new Date('2026-11-24T12:00:00Z');
const key = readTicketKey(new TextEncoder().encode('s'.repeat(40)), 'k');
const annotation = 'tidewaiter.image-policy.k8s.io/break-glass';

const pod = (value: string | undefined, image = 'evil.io/x'): ReviewedPod => ({
  subject: { images: [{ text: image }], namespace: 'shop', labels: {} },
  annotations: value === undefined ? {} : { [annotation]: value },
});

const review = (over: Partial<Review>): Review => ({
  envelope: { route: 'admissionReview', version: 'admission.k8s.io/v1', uid: 'u' },
  namespace: 'shop',
  user: 'ann',
  groups: ['devs', 'oncall'],
  dryRun: false,
  pods: [pod('true')],
  ...over,
});

const glass = (namespaces: readonly string[], groups: readonly string[]): BreakGlass => ({
  prefix: 'tidewaiter',
  keys: [key],
  plain: { namespaces: new Set(namespaces), groups: new Set(groups) },
});

void test('a plain true is taken in chosen namespaces and from chosen groups only', () => {
  const use = (given: Partial<Review>, breakGlass: BreakGlass): unknown =>
    checkTickets(review(given), breakGlass, now).use;
  assert.ok(use({}, glass(['shop'], [])));
  assert.ok(use({}, glass([], ['oncall'])));
  assert.ok(use({ pods: [pod(' true\n')] }, glass(['shop'], [])));
  assert.equal(use({}, glass(['other'], ['admins'])), undefined);
  assert.equal(use({}, { prefix: 'tidewaiter', keys: [key] }), undefined);
  assert.equal(use({ groups: undefined, user: undefined }, glass([], ['oncall'])), undefined);
  assert.equal(use({ namespace: undefined }, glass(['shop'], [])), undefined);
  for (const text of ['True', 'yes', '1', '"true"', 'true true', '']) {
    assert.equal(use({ pods: [pod(text)] }, glass(['shop'], ['oncall'])), undefined, text);
  }
});

void test('what is refused says why, and nothing is said where nothing is shown', () => {
  assert.ok(checkTickets(review({}), glass([], []), now).problem);
  assert.deepEqual(checkTickets(review({ pods: [pod(undefined)] }), glass(['shop'], []), now), {});
  const partly = checkTickets(review({ pods: [pod('true'), pod(undefined)] }), glass(['shop'], []), now);
  assert.ok(partly.problem !== undefined && partly.use === undefined);
});

void test('tickets beside a plain true: each pod by what it shows', () => {
  const ticket = writeTicket(
    {
      id: 't1',
      namespaces: ['shop'],
      images: ['evil.io/x'],
      issuer: 'bob',
      reason: 'INC-1',
      issuedAt: now,
      expiresAt: new Date(now.getTime() + 1000),
    },
    key,
  );
  const shown = (pods: readonly ReviewedPod[], breakGlass: BreakGlass): unknown =>
    checkTickets(review({ pods }), breakGlass, now).use !== undefined;
  assert.equal(shown([pod(ticket), pod('true')], glass(['shop'], [])), true);
  assert.equal(shown([pod(ticket), pod('true')], glass(['other'], [])), false);
  assert.equal(shown([pod(ticket, 'evil.io/y'), pod('true')], glass(['shop'], [])), false);
  assert.equal(shown([pod('true'), pod(ticket)], glass(['shop'], [])), true);
});
