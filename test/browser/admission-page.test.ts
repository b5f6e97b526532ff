import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { alpineFiles } from '../robustness/alpine-image.js';
import { notBuilt, tidewaiter } from '../robustness/program.js';
import { startAdmissionProgram, type AdmissionProgram } from '../support/admission-server.js';
import { accessibilityProblems, noBrowser, openBrowser } from '../support/browser.js';
import { buildImage } from '../support/image-builder.js';
import { repoPath, temporaryFolder } from '../support/paths.js';
import { startRegistry } from '../support/registry/index.js';

const skip = notBuilt || noBrowser;
const token = 'a-token-of-the-test-0123456789';

const policy = `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: door}
rules:
  - {name: trusted, registries: {allow: [registry.example.com]}}
  - {name: pinned, action: warn, digest: true}
`;

const good = `registry.example.com/shop/web@sha256:${'a'.repeat(64)}`;

interface Pod {
  readonly name?: string;
  readonly namespace?: string;
  readonly user?: string;
  readonly images: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly operation?: string;
}

function review(pod: Pod): string {
  const { name = 'web-1', namespace = 'shop', user = 'alice', images, annotations, operation = 'CREATE' } = pod;
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: `uid-of-${name.slice(0, 20)}`,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace,
      name,
      operation,
      userInfo: { username: user, groups: ['system:authenticated'] },
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, annotations },
        spec: { containers: images.map((image, at) => ({ name: `c${at}`, image })) },
      },
    },
  });
}

async function decide(door: AdmissionProgram, pod: Pod): Promise<void> {
  assert.equal((await door.ask({ path: '/validate', body: review(pod) })).status, 200);
}

interface Reading {
  readonly door: AdmissionProgram;
  readonly address: string;
  readonly page: Page;
  /** Of the console, and requests to others: what a sound page has none of. */
  readonly faults: string[];
  readonly clean: (state: string) => Promise<void>;
  readonly another: (how: { readonly dark?: boolean; readonly width?: number }) => Promise<Page>;
}

interface StartOptions {
  readonly policy?: string;
  readonly words?: readonly string[];
  /** Beside the others. */
  readonly files?: Readonly<Record<string, string>>;
}

async function start(t: TestContext, browser: Browser, options: StartOptions = {}): Promise<Reading> {
  const { words = ['--no-scan'], files = {} } = options;
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries({ 'page.token': `${token}\n`, ...files })) {
    writeFileSync(join(folder, name), text);
  }
  const door = await startAdmissionProgram({
    folder,
    policy: options.policy ?? policy,
    words: ['--page-listen=127.0.0.1:0', '--page-token=page.token', ...words],
  });
  t.after(() => door.end('SIGKILL'));
  const address = /shown at (https:\/\/127\.0\.0\.1:[0-9]+)/.exec(door.said())?.[1] ?? '';
  const faults: string[] = [];
  const another: Reading['another'] = async ({ dark = false, width = 1300 }) => {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      colorScheme: dark ? 'dark' : 'light',
      viewport: { width, height: 900 },
      locale: 'en-GB',
    });
    t.after(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('dialog', (dialog) => {
      faults.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(address) && !request.url().startsWith('data:')) faults.push(request.url());
    });
    return page;
  };
  const page = await another({});
  const clean = async (state: string): Promise<void> => {
    assert.deepEqual(await accessibilityProblems(page), [], state);
  };
  return { door, address, page, faults, clean, another };
}

async function signIn(page: Page, with_: string = token): Promise<void> {
  await page.getByLabel('Token').fill(with_);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const rows = 'tbody tr';

/** How far it reaches past its window, in pixels. */
function overflow(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
}

test('the page of recent decisions in a browser', { skip, concurrency: 3 }, async (suite) => {
  const browser = await openBrowser();
  suite.after(() => browser.close());
  const parts: Promise<void>[] = [];
  const part = (name: string, run: (t: TestContext) => Promise<void>): void => void parts.push(suite.test(name, run));

  part('from the sign-in to a decision and why', async (t) => {
    const { door, address, page, faults, clean } = await start(t, browser);
    await page.goto(`${address}/`);
    assert.equal(new URL(page.url()).pathname, '/login');
    await clean('sign-in');
    await signIn(page, 'this-is-not-the-token');
    await page.getByRole('alert').filter({ hasText: 'not the token' }).waitFor();
    await clean('a wrong token');
    assert.equal(
      faults.splice(0).every((fault) => fault.includes('401')),
      true,
    );
    await signIn(page);
    await page.getByRole('heading', { name: 'No decisions yet' }).waitFor();
    await clean('no decisions');

    await decide(door, { name: 'web-1', images: [good] });
    await decide(door, { name: 'web-2', namespace: 'billing', user: 'bob', images: ['nginx:1.25', good] });
    // They appear by themselves.
    await page.locator(rows).nth(1).waitFor();
    const [newest, oldest] = await page.locator(rows).allInnerTexts();
    assert.match(newest ?? '', /Denied[\s\S]*billing \/ web-2[\s\S]*nginx:1\.25[\s\S]*bob[\s\S]*trusted/);
    assert.match(oldest ?? '', /Allowed[\s\S]*shop \/ web-1[\s\S]*alice/);
    await clean('a list');

    await page.getByRole('link', { name: /web-2/ }).click();
    await page.getByRole('heading', { name: 'What denies (1)' }).waitFor();
    const detail = page.locator('#detail');
    const text = await detail.innerText();
    for (const words of [
      'billing / web-2',
      'trusted',
      'registries',
      'spec.containers[0].image',
      'nginx:1.25',
      'Fix:',
      'bob',
      'system:authenticated',
      'uid-of-web-2',
      'kube-apiserver',
      'door@',
      'c0',
    ]) {
      assert.ok(text.includes(words), `${words} is not in ${text}`);
    }
    assert.equal(await page.evaluate('document.activeElement.id'), 'detail-title');
    await clean('a decision');
    await page.getByText('The record as the audit log has it').click();
    assert.match(await detail.locator('pre').innerText(), /"outcome": "deny"/);
    await clean('its record');

    const link = page.url();
    assert.match(link, /\?decision=[0-9a-f]{8}-2$/);
    await page.keyboard.press('Escape');
    await detail.waitFor({ state: 'hidden' });
    assert.equal(page.url(), `${address}/`);
    assert.match(String(await page.evaluate('document.activeElement.textContent')), /web-2/);
    await page.goForward();
    await detail.waitFor();
    await page.goBack();
    await detail.waitFor({ state: 'hidden' });
    await page.goto(link);
    await page.getByRole('heading', { name: 'What denies (1)' }).waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await detail.waitFor({ state: 'hidden' });

    await page.getByText('Details').or(page.locator('summary')).first().click();
    assert.match(await page.locator('#status').innerText(), /2 since the start/);
    await clean('the state of the server');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${address}/login`);
    await page.goto(link);
    assert.equal(new URL(page.url()).pathname, '/login');
    assert.deepEqual(faults, []);
  });

  part('filters stand in the address, and links from elsewhere lead there', async (t) => {
    const { door, address, page, faults, clean } = await start(t, browser);
    for (let at = 1; at <= 4; at++) await decide(door, { name: `shop-${at}`, images: [at % 2 ? 'nginx' : good] });
    await decide(door, { name: 'pay', namespace: 'billing', user: 'bob', images: ['redis'] });
    await page.goto(`${address}/?namespace=shop&outcome=refused`);
    await signIn(page);
    await page.locator(rows).nth(1).waitFor();
    assert.equal(await page.locator(rows).count(), 2);
    assert.equal(await page.getByLabel('Namespace').inputValue(), 'shop');
    await page.getByLabel('Outcome').selectOption('let-through');
    await page.getByRole('link', { name: /shop-4/ }).waitFor();
    assert.equal(page.url(), `${address}/?outcome=let-through&namespace=shop`);
    await page.goBack();
    await page.getByRole('link', { name: /shop-3/ }).waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.locator(rows).nth(4).waitFor();
    await page.getByLabel('Text').fill('REDIS bob');
    await page.waitForURL(`${address}/?q=REDIS+bob`);
    await page.locator(rows).nth(1).waitFor({ state: 'detached' });
    assert.equal(await page.locator(rows).count(), 1);
    await page.getByLabel('Text').fill('nothing has this');
    await page.getByText('No recent decision matches.').waitFor();
    await clean('nothing matches');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.locator(rows).nth(4).waitFor();

    await page.goto(`${address}/?decision=00000000-7`);
    await page.getByText('not among the recent ones').waitFor();
    await clean('a decision that is gone');
    // No browser of ours sends the cookie with this first request.
    faults.length = 0;
    const elsewhere = await page.context().newPage();
    await elsewhere.setContent(`<a href="${address}/?q=redis">a link in a chat</a>`);
    await elsewhere.getByRole('link').click();
    await elsewhere.locator(rows).first().waitFor();
    assert.equal(elsewhere.url(), `${address}/?q=redis`);
    assert.deepEqual(faults, []);
  });

  part('every outcome, an image that was scanned, and a ticket', async (t) => {
    const registry = await startRegistry();
    t.after(() => registry.close());
    const layers = [{ items: alpineFiles }];
    const digest = registry.addImage('team/app', '1', buildImage({ layers, compression: 'gzip' }));
    const { door, address, page, faults, clean, another } = await start(t, browser, {
      policy: `apiVersion: tidewaiter.dev/v1
kind: Policy
metadata: {name: door}
rules:
  - {name: trusted, registries: {allow: ["${registry.host}", registry.example.com]}}
  - {name: known, action: audit, vulnerabilities: {}}
  - {name: clean, vulnerabilities: {severity: CRITICAL}}
  - {name: pinned, action: warn, digest: true}
`,
      words: [
        `--db=${repoPath('dist', 'starter')}`,
        '--decision-timeout=20s',
        '--exempt-namespaces=free',
        '--break-glass-key=secret',
      ],
      files: { secret: `${'0123456789abcdef'.repeat(4)}\n` },
    });
    const words = ['admission', 'ticket', '--key=secret', '--namespace=shop', '--image=docker.io/library/nginx'];
    const ended = await tidewaiter([...words, '--reason=INC-4711', '--issuer=ann'], {
      cwd: door.folder,
      env: { HOME: door.folder },
    });
    const ticket = { 'tidewaiter.image-policy.k8s.io/break-glass': ended.stdout.trim() };
    const scanned = `${registry.host}/team/app`;
    await decide(door, { name: 'scanned', images: [`${scanned}:1`] });
    await decide(door, { name: 'absent', images: [`${scanned}@sha256:${'0'.repeat(64)}`] });
    await decide(door, { name: 'hurry', images: ['nginx'], annotations: ticket });
    await decide(door, { name: 'refused', images: ['redis'], annotations: ticket });
    await decide(door, { name: 'free', namespace: 'free', images: ['nginx'] });
    await decide(door, { name: 'gone', images: ['nginx'], operation: 'DELETE' });
    await door.ask({ path: '/validate', body: '{"kind": "AdmissionReview", "request": {"uid": "broken-uid", ' });
    await page.goto(address);
    await signIn(page);
    await page.locator(rows).nth(6).waitFor();
    const listed = await page.locator(`${rows} .cell-outcome`).allInnerTexts();
    assert.deepEqual(
      listed.map((text) => text.replaceAll(/[^A-Za-z -]/g, '').trim()),
      ['Error', 'Not judged', 'Exempt', 'Denied', 'Break-glass', 'Incomplete', 'Denied'],
    );
    await clean('every outcome');
    const shown = async (name: string): Promise<string> => {
      await page.getByRole('link', { name: new RegExp(` / ${name}$`) }).click();
      await page.locator('#detail-title').filter({ hasText: name }).waitFor();
      await clean(name);
      return await page.locator('#detail').innerText();
    };
    const whole = await shown('scanned');
    for (const text of [digest, 'done', 'Database of', 'before)', 'Findings', 'CVE-', 'Only noted', 'What warns (1)']) {
      assert.ok(whole.includes(text), `${text} is not in ${whole}`);
    }
    assert.match(await shown('absent'), /It was refused\.[\s\S]*SCAN_FAILED/);
    const used = await shown('hurry');
    assert.match(used, /It was let through\.[\s\S]*ann[\s\S]*INC-4711[\s\S]*What a ticket let through \(\d\)/);
    assert.ok(!used.includes(ticket['tidewaiter.image-policy.k8s.io/break-glass']));
    assert.match(await shown('refused'), /A ticket that does not hold/);
    assert.match(await shown('free'), /Because:\s+the namespace free is exempt/);
    await shown('gone');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.locator('summary').first().click();
    assert.match(await page.locator('#status').innerText(), /database of\s+20\d\d-/);

    const dark = await another({ dark: true });
    await dark.goto(`${address}/?q=scanned`);
    await signIn(dark);
    await dark.locator(rows).click();
    await dark.getByRole('heading', { name: /Only noted/ }).waitFor();
    await dark.locator('summary').first().click();
    assert.deepEqual(await accessibilityProblems(dark), [], 'dark');
    await dark.getByRole('button', { name: 'Clear' }).click();
    await dark.locator(rows).nth(6).waitFor();
    assert.deepEqual(await accessibilityProblems(dark), [], 'every outcome in the dark');
    assert.deepEqual(faults, []);
  });

  part('texts of attackers are texts', async (t) => {
    const { door, address, page, faults, clean, another } = await start(t, browser);
    const evil = '<img src=x onerror=alert(1)>';
    await decide(door, {
      name: evil,
      namespace: '"><script>alert(2)</script>',
      user: 'eve\u202Eecila\u0000',
      images: [evil, 'quay.io/\u202Egnp.exe\u200B', 'javascript:alert(3)'],
    });
    await decide(door, {
      name: 'x'.repeat(1000),
      namespace: 'n'.repeat(200),
      user: 'u'.repeat(1000),
      images: [`nginx/${'y'.repeat(1000)}`, `${'z'.repeat(900)}.example.com/a`],
    });
    await decide(door, {
      name: 'e\u0301'.repeat(3) + '\u0336\u0489'.repeat(200),
      user: '\u05E9\u05DC\u05D5\u05DD',
      images: ['nginx'],
    });
    await page.goto(address);
    await signIn(page);
    await page.locator(rows).nth(2).waitFor();
    assert.match(
      await page.locator(rows).nth(2).innerText(),
      /<img src=x onerror=alert\(1\)>[\s\S]*U\+202E[\s\S]*eveU\+202EecilaU\+0000/,
    );
    assert.equal(await overflow(page), 0);
    await page.getByRole('link', { name: /onerror/ }).click();
    await page.getByRole('heading', { name: /What denies/ }).waitFor();
    assert.match(await page.locator('#detail').innerText(), /quay\.io\/U\+202Egnp\.exeU\+200B/);
    assert.equal(await page.locator('main img, #detail img, main script, #detail script').count(), 0);
    await clean('an attack');
    const narrow = await another({ dark: true, width: 320 });
    await narrow.goto(`${address}/?q=nginx`);
    await signIn(narrow);
    await narrow.locator(rows).nth(1).waitFor();
    assert.equal(await overflow(narrow), 0);
    assert.deepEqual(await accessibilityProblems(narrow), [], 'a narrow list');
    await narrow.locator(rows).nth(1).click();
    await narrow.getByRole('heading', { name: /What denies/ }).waitFor();
    assert.equal(await overflow(narrow), 0);
    assert.deepEqual(await accessibilityProblems(narrow), [], 'a narrow decision');
    assert.deepEqual(faults, []);
  });

  part('what somebody reads does not move; a pause is a pause', async (t) => {
    const { door, address, page, faults, clean } = await start(t, browser);
    for (let at = 0; at < 40; at++) await decide(door, { name: `old-${at}`, images: ['nginx'] });
    await page.goto(address);
    await signIn(page);
    await page.locator(rows).nth(39).waitFor();
    const read = page.getByRole('link', { name: /old-10/ });
    await read.focus();
    const top = await read.evaluate('(link) => link.getBoundingClientRect().top');
    await decide(door, { name: 'new-1', images: ['nginx'] });
    await decide(door, { name: 'new-2', images: ['nginx'] });
    const offer = page.locator('#fresh');
    await offer
      .filter({ hasText: '2 new decisions' })
      .or(offer.filter({ hasText: 'One new' }))
      .waitFor();
    assert.equal(await read.evaluate('(link) => link.getBoundingClientRect().top'), top);
    assert.match(String(await page.evaluate('document.activeElement.textContent')), /old-10/);
    await clean('new decisions wait');
    await offer.filter({ hasText: '2 new decisions' }).waitFor();
    await offer.click();
    assert.match(await page.locator(rows).first().innerText(), /new-2/);

    // More than one answer holds: still nothing moves, and the newest are what is shown then.
    await page.getByRole('link', { name: /new-1/ }).focus();
    await Promise.all(Array.from({ length: 120 }, (_, at) => decide(door, { name: `many-${at}`, images: ['nginx'] })));
    await offer.filter({ hasText: /More than \d+ new decisions/ }).waitFor();
    assert.match(await page.locator(rows).first().innerText(), /new-2/);
    assert.match(String(await page.evaluate('document.activeElement.textContent')), /new-1/);
    await decide(door, { name: 'last', images: ['nginx'] });
    await offer.click();
    await page.locator(rows).first().filter({ hasText: 'last' }).waitFor();
    assert.equal(await page.locator(rows).count(), 100);

    await page.getByRole('button', { name: 'Live' }).click();
    assert.equal(await page.getByRole('button', { name: 'Live' }).getAttribute('aria-pressed'), 'false');
    await decide(door, { name: 'new-3', images: ['nginx'] });
    await page.waitForTimeout(3500);
    assert.equal(await page.getByText('new-3').count(), 0);
    await page.getByLabel('Text').focus();
    await page.mouse.move(5, 5);
    await page.evaluate('window.scrollTo(0, 0)');
    await page.getByRole('button', { name: 'Live' }).press('Space');
    await page.getByRole('link', { name: /new-3/ }).waitFor();
    assert.deepEqual(faults, []);
  });

  part('a thousand decisions', async (t) => {
    const { door, address, page, faults } = await start(t, browser);
    await Promise.all(
      Array.from({ length: 1010 }, (_, at) => decide(door, { name: `web-${at}`, images: [`nginx:${at}`] })),
    );
    await page.goto(address);
    await signIn(page);
    for (let count = 100; count < 1000; count += 100) {
      await page
        .locator(rows)
        .nth(count - 1)
        .waitFor();
      await page.getByRole('button', { name: 'Show older decisions' }).click();
    }
    await page.locator(rows).nth(999).waitFor();
    await page.getByRole('button', { name: 'Show older decisions' }).waitFor({ state: 'hidden' });
    assert.match(await page.locator('#count').innerText(), /1,000 of 1,000 recent decisions; 10 older/);
    await page.locator(rows).last().getByRole('link').click();
    await page.getByRole('heading', { name: 'What denies (1)' }).waitFor();
    assert.deepEqual(faults, []);
  });

  part('the session ends, the server goes and comes back: the reader stays where he was', async (t) => {
    const { door, address, page, clean } = await start(t, browser);
    await decide(door, { images: ['nginx'] });
    await page.goto(`${address}/?q=nginx`);
    await signIn(page);
    await page.locator(rows).click();
    await page.getByRole('heading', { name: 'What denies (1)' }).waitFor();
    const link = page.url();
    writeFileSync(join(door.folder, 'page.token'), 'another-token-0123456789');
    door.child.kill('SIGHUP');
    await page.waitForURL(`${address}/login?**`);
    await signIn(page, 'another-token-0123456789');
    await page.waitForURL(link);
    await page.getByRole('heading', { name: 'What denies (1)' }).waitFor();

    await door.end();
    await page.getByRole('alert').filter({ hasText: 'The server does not answer.' }).waitFor();
    await clean('the server is away');
    assert.equal(await page.getByRole('heading', { name: 'What denies (1)' }).count(), 1);
    const again = await startAdmissionProgram({
      folder: door.folder,
      policy,
      words: ['--no-scan', `--page-listen=127.0.0.1:${new URL(address).port}`, '--page-token=page.token'],
    });
    t.after(() => again.end('SIGKILL'));
    await page.waitForURL(`${address}/login?**`, { timeout: 40_000 });
    assert.equal(new URL(page.url()).searchParams.get('next'), new URL(link).pathname + new URL(link).search);
  });

  await Promise.all(parts);
});
