import { FormatError } from '../core/index.js';
import { asArray, asObject, asString, parseJson, type JsonObject, type JsonValue } from '../formats/index.js';
import type { PolicyAnswer } from '../policy/index.js';

/** Bytes of an answer; past that it does not count. */
export const maxAnswerBytes = 1024 * 1024;

/** Texts of one list, and characters of one text that are kept. */
const maxTexts = 1000;
const maxTextLength = 2000;
const maxErrorLength = 300;

/**
 * What an answer says: `result` is true or false, a list of what is refused, or an object with `allow`, `deny`, `violation`
 * and `warn`. Whatever else came is no answer: also what is undefined, which OPA tells by no `result` at all.
 */
export function readOpaAnswer(status: number, body: Uint8Array): PolicyAnswer {
  if (status !== 200) return missing(refusalWords(status, body));
  const read = readObject(body);
  if (typeof read === 'string') return missing(`OPA answers what is ${read}`);
  const { result, warning } = read;
  if (warning !== undefined) return missing(`OPA warns: ${errorWords(asObject(warning)) ?? 'it does not say of what'}`);
  if (result === undefined) return missing('what is asked for is undefined in OPA');
  const answer = readResult(result);
  return typeof answer === 'string' ? missing(answer) : answer;
}

function missing(reason: string): PolicyAnswer {
  return { state: 'missing', reason };
}

function readResult(result: JsonValue): PolicyAnswer | string {
  if (typeof result === 'boolean') return { state: 'answered', allow: result, deny: [], warn: [] };
  if (asArray(result)) {
    const deny = readTexts(result, 'result');
    return typeof deny === 'string' ? deny : { state: 'answered', deny, warn: [] };
  }
  const members = asObject(result);
  if (!members) return 'the result of OPA is neither true or false nor a list nor an object';
  const { allow } = members;
  if (allow === undefined && members.deny === undefined && members.violation === undefined) {
    return 'the result of OPA has neither allow nor deny';
  }
  if (allow !== undefined && typeof allow !== 'boolean') return 'allow in the result of OPA is not true or false';
  const deny = readTexts(members.deny, 'deny');
  if (typeof deny === 'string') return deny;
  const violations = readTexts(members.violation, 'violation');
  if (typeof violations === 'string') return violations;
  const warn = readTexts(members.warn, 'warn');
  if (typeof warn === 'string') return warn;
  return { state: 'answered', allow, deny: [...deny, ...violations], warn };
}

/** A list of texts, or of objects with `msg`; or what is wrong with it. */
function readTexts(value: JsonValue | undefined, name: string): readonly string[] | string {
  if (value === undefined) return [];
  const list = asArray(value);
  if (!list) return `${name} in the answer of OPA is no list`;
  if (list.length > maxTexts) return `${name} in the answer of OPA has more than ${maxTexts} entries`;
  const texts: string[] = [];
  for (const entry of list) {
    const text = asString(entry) ?? asString(asObject(entry)?.msg);
    if (text === undefined) return `${name} in the answer of OPA holds what is neither a text nor has a msg`;
    texts.push(text.trim() === '' ? 'no reason is given' : clip(text, maxTextLength));
  }
  return texts;
}

function refusalWords(status: number, body: Uint8Array): string {
  if (status >= 300 && status < 400) return `OPA sends elsewhere (status ${status}), and nobody else is asked`;
  const read = readObject(body);
  const words = typeof read === 'string' ? undefined : errorWords(read);
  return `OPA answers ${status}${words === undefined ? '' : `: ${words}`}`;
}

/** `message`, and the first of `errors`, as OPA tells what went wrong. */
function errorWords(told: JsonObject | undefined): string | undefined {
  const [first] = asArray(told?.errors) ?? [];
  const parts = [asString(told?.message), asString(first) ?? asString(asObject(first)?.message)];
  const words = parts.filter((part) => part !== undefined && part.trim() !== '').join(': ');
  return words === '' ? undefined : clip(words.replaceAll(/\s+/g, ' '), maxErrorLength);
}

function readObject(body: Uint8Array): JsonObject | string {
  try {
    return asObject(parseJson(body, { maxBytes: maxAnswerBytes })) ?? 'no object';
  } catch (error) {
    // The engine's own words would quote what came.
    if (error instanceof FormatError) return error.code === 'INVALID' ? 'no JSON' : 'too large or nested too deep';
    throw error;
  }
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 3)}...` : text;
}
