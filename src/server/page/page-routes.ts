import type { IncomingMessage } from 'node:http';
import { readBody, TooLarge } from '../body.js';
import type { AdmissionPageOptions } from './admission-page.js';
import { readDecisionQuery } from './decision-query.js';
import type { PageFiles } from './page-files.js';
import { fault, html, json, plain, redirect, type PageReply } from './page-reply.js';
import { pageStatus, type PageStatusParts } from './page-status.js';
import {
  addressOf,
  endedCookie,
  isFromOurPage,
  readerOf,
  sessionCookie,
  sessionSecretOf,
  type Doorkeeping,
  type Reader,
  type Stranger,
} from './reader.js';
import type { RecentDecisions } from './recent-decisions.js';
import type { Turns } from './turns.js';

export interface PageRoutes extends Doorkeeping, PageStatusParts {
  readonly options: Pick<AdmissionPageOptions, 'watching' | 'version' | 'log'>;
  readonly files: PageFiles;
  /** For answers that take a while to make. */
  readonly turns: Turns;
}

const maxFormBytes = 4096;
const maxUrlLength = 4096;
const apiPrefix = '/api/';

/** The answer to one request. There is no route that changes anything but the session of who asks. */
export async function answerPage(request: IncomingMessage, routes: PageRoutes): Promise<PageReply> {
  const { method = 'GET', url = '/' } = request;
  if (url.length > maxUrlLength) return plain(414, 'the address is too long');
  const { pathname, search, searchParams } = urlOf(url);
  const posts = pathname === '/login' || pathname === '/logout';
  if (method === 'POST' && posts) {
    if (!isFromOurPage(request)) return plain(403, 'this was sent by the page of another site');
    return pathname === '/login' ? await signIn(request, routes) : signOut(request, routes);
  }
  const reads = pathname !== '/logout';
  if (!reads || (method !== 'GET' && method !== 'HEAD')) {
    request.resume();
    const allow = [...(reads ? ['GET', 'HEAD'] : []), ...(posts ? ['POST'] : [])].join(', ');
    return plain(405, `the page is read only; here ${allow} is allowed`, { allow });
  }
  request.resume();
  const file = routes.files.others.get(pathname);
  if (file) return { status: 200, type: file.type, body: file.text };
  const reader = await readerOf(request, routes);
  if (pathname.startsWith(apiPrefix)) {
    const path = pathname.slice(apiPrefix.length);
    // Asked by the sign-in page: whoever comes from another site shows the cookie only with the second request.
    if (path === 'session') return json(isReader(reader) ? { signedIn: true, ...reader } : { signedIn: false });
    if (!isReader(reader)) return unauthorized(reader);
    return await routes.turns.take(() => (request.socket.destroyed ? gone : answerApi(path, searchParams, routes)));
  }
  if (pathname === '/login') {
    const next = nextOf(searchParams.get('next'));
    return isReader(reader) ? redirect(next) : signInPage(routes, { next });
  }
  if (pathname !== '/') return plain(404, 'there is nothing here');
  if (isReader(reader)) return html(200, routes.files.page);
  return redirect(`/login?${new URLSearchParams({ next: `/${search}` }).toString()}`);
}

/** Nobody reads it. */
const gone = plain(503, 'you have gone');

function answerApi(path: string, parameters: URLSearchParams, routes: PageRoutes): PageReply {
  if (path === 'status') return json(pageStatus(routes));
  if (path === 'decisions') return listDecisions(parameters, routes.recent);
  const [, id] = /^decisions\/([^/]{1,50})$/.exec(path) ?? [];
  if (id === undefined) return fault(404, 'NOT_FOUND', 'there are /api/decisions, /api/decisions/ID and /api/status');
  const record = routes.recent.record(id);
  if (record !== undefined) {
    return { status: 200, type: 'application/json', body: `{"id":${JSON.stringify(id)},"record":${record}}` };
  }
  return fault(404, 'NOT_FOUND', 'this decision is not among the recent ones any more; the audit log has it');
}

function listDecisions(parameters: URLSearchParams, recent: RecentDecisions): PageReply {
  const read = readDecisionQuery(parameters);
  if ('problem' in read) return fault(400, 'INVALID_PARAMETER', read.problem);
  const list = recent.find(read.query);
  if (!list) return fault(400, 'UNKNOWN_CURSOR', 'the server was started anew since then; begin with the newest');
  const { size: kept, total, newest } = recent;
  return json({ ...list, newest, kept, total });
}

function unauthorized(stranger: Stranger): PageReply {
  if (stranger === 'too many') return fault(429, 'TOO_MANY_ATTEMPTS', tooManyWords, { 'retry-after': '1' });
  const words =
    stranger === 'unknown' ? 'sign in at /login, or send the token as Authorization: Bearer' : 'this is not the token';
  return fault(401, 'UNAUTHORIZED', words, { 'www-authenticate': 'Bearer realm="tidewaiter"' });
}

const tooManyWords = 'too many wrong tokens are being tried; try again in a second';

async function signIn(request: IncomingMessage, routes: PageRoutes): Promise<PageReply> {
  const token = routes.token();
  const form = await readForm(request);
  if (form instanceof TooLarge) return plain(413, 'the form is too large');
  if (!form) return plain(400, 'this is no form');
  const next = nextOf(form.get('next'));
  if (!token) return signInPage(routes, { next, problem: certificateWords, status: 403 });
  const from = addressOf(request);
  switch (await routes.attempts.check((form.get('token') ?? '').trim(), token, from)) {
    case 'right':
      endSession(request, routes);
      routes.options.log('info', `somebody signed in to the page from ${from}`);
      return redirect(next, { 'set-cookie': sessionCookie(routes.sessions.begin(token)) });
    case 'wrong':
      return signInPage(routes, { next, problem: 'This is not the token.', status: 401 });
    case 'too many':
      return signInPage(routes, {
        next,
        problem: 'Too many wrong tokens are being tried. Try again in a second.',
        status: 429,
      });
  }
}

const certificateWords = 'This page is read with a client certificate; there is no token.';

function signOut(request: IncomingMessage, routes: PageRoutes): PageReply {
  request.resume();
  endSession(request, routes);
  return redirect('/login', { 'set-cookie': endedCookie });
}

function endSession(request: IncomingMessage, { sessions }: PageRoutes): void {
  const secret = sessionSecretOf(request);
  if (secret !== undefined) sessions.end(secret);
}

function signInPage(
  { files, token }: PageRoutes,
  { next, problem, status = 200 }: { readonly next: string; readonly problem?: string; readonly status?: number },
): PageReply {
  const words = problem ?? (token() ? '' : certificateWords);
  const text = files.signIn.replaceAll(/\{(NEXT|PROBLEM)\}/g, (_, name) => escapeHtml(name === 'NEXT' ? next : words));
  return html(status, text, status === 429 ? { 'retry-after': '1' } : undefined);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | TooLarge | undefined> {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '');
  try {
    const body = await readBody(request, maxFormBytes);
    return isForm ? new URLSearchParams(Buffer.from(body).toString('utf8')) : undefined;
  } catch (error) {
    if (error instanceof TooLarge) return error;
    throw error;
  }
}

/** Where to go after the sign-in: the page with its filters, and nowhere else. */
function nextOf(text: string | null): string {
  if (text === null || !text.startsWith('/?')) return '/';
  return `/${urlOf(text).search}`;
}

/** The path is all that counts, whatever host a request names. */
function urlOf(url: string): URL {
  const path = url.startsWith('/') ? url : '/';
  try {
    return new URL(`https://page.invalid${path}`);
  } catch {
    return new URL('https://page.invalid/');
  }
}

function isReader(reader: Reader | Stranger): reader is Reader {
  return typeof reader === 'object';
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
