import { parseTimeout } from './duration.js';
import type { Members } from './members.js';
import { opaNeeds, type OpaCheck } from './policy.js';
import { quote } from './quote.js';
import { nearestWord } from './nearest-word.js';

const dataPath = '/v1/data/';
const maxUrlLength = 2000;

/** The rule that asks an OPA server: where, and how long it may take. */
export function readOpa(rule: Members): OpaCheck | undefined {
  const members = rule.object('opa');
  if (!members) return undefined;
  members.only(['url', 'timeout', 'needs']);
  if (!members.has('url')) {
    const hint = 'add "url: https://HOST:8181/v1/data/PACKAGE/RULE"';
    members.problem(undefined, { code: 'MISSING', message: 'the url is missing', hint });
  }
  const timeoutMs = members.parsed('timeout', parseTimeout, 'time to wait (write 500ms or 3s, 10s at most)');
  const needs = readNeeds(members);
  const text = members.text('url');
  if (text === undefined) return undefined;
  const wrong = wrongWith(text);
  if (typeof wrong !== 'string') {
    members.problem('url', { code: 'WRONG_VALUE', ...wrong });
    return undefined;
  }
  return { id: 'opa', url: wrong, timeoutMs, needs };
}

function readNeeds(members: Members): OpaCheck['needs'] {
  const named = members.parsedList('needs', (text) => {
    const need = opaNeeds.find((one) => one === text);
    if (need !== undefined) return { value: need };
    const near = nearestWord(text, opaNeeds);
    const hint = near === undefined ? `known here: ${opaNeeds.join(', ')}` : `did you mean ${near}?`;
    return { code: 'WRONG_VALUE', message: `there is nothing named ${quote(text)} that OPA could be told`, hint };
  });
  return opaNeeds.filter((need) => named?.includes(need));
}

/** The URL in its normal form, or what is wrong with it. What is wrong is never repeated: it may hold a secret. */
function wrongWith(text: string): string | { readonly message: string; readonly hint?: string } {
  const isPlain = /^[\x21-\x7e]+$/.test(text) && !text.includes('\\');
  if (text.length > maxUrlLength || !isPlain || !URL.canParse(text)) {
    return { message: 'the url is no URL', hint: `write https://HOST:8181${dataPath}PACKAGE/RULE` };
  }
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return { message: `the url begins with ${quote(url.protocol)}`, hint: 'https, or http to this machine' };
  }
  if (url.username !== '' || url.password !== '' || /^[a-z]+:\/\/[^/]*@/i.test(text)) {
    return { message: 'the url holds a user or a password', hint: 'a policy is no place for secrets: leave them out' };
  }
  if (text.includes('?') || text.includes('#')) {
    return { message: 'the url has a query or a fragment', hint: 'end it with the path' };
  }
  if (!url.pathname.startsWith(dataPath) || url.pathname.length === dataPath.length) {
    return {
      message: `the path of the url is not below ${dataPath}`,
      hint: `write ${url.origin}${dataPath}PACKAGE/RULE, as the REST API of OPA has it`,
    };
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return {
      message: 'over http, whoever stands between could forge the answer, and the answer decides',
      hint: 'write https, or ask an OPA on this machine (127.0.0.1)',
    };
  }
  return url.href;
}

/** The URL parser has brought every spelling of an IPv4 address to its one form. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
