import { isTidewaiterError, limits, messageOf } from '../core/index.js';
import {
  asArray,
  asObject,
  asString,
  parseJson,
  parseYamlDocuments,
  type JsonObject,
  type JsonValue,
} from '../formats/index.js';
import { PullSecretError } from './errors.js';
import type { PullSecret } from './pull-secret.js';
import { failReading, readDockerFile, readSecret, startAllowance, shorten } from './read-secret.js';

/** What was found in a text. */
export interface ReadSecrets {
  readonly secrets: readonly PullSecret[];
  /** Documents that are no Secrets and were passed over, one clause each. */
  readonly notes: readonly string[];
}

const maxDocuments = 1000;

/**
 * Secrets in YAML or JSON, in order: several documents, lists, or docker's config.json itself. `stringData` goes before
 * `data`, as for the API server. Nothing is said here of whether a Secret is any good.
 * @throws PullSecretError `SECRET_INVALID`, `NO_SECRET`
 */
export function readPullSecrets(source: string, name: string): ReadSecrets {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source;
  const notes: string[] = [];
  const { documents, json } = parseDocuments(text, name);
  const objects = documents.flatMap((document, index) =>
    expand(document, { place: `document ${index + 1}`, notes, inList: false }),
  );
  if (objects.length > maxDocuments) failReading(`${name} has more than ${maxDocuments} objects`);
  const allowance = startAllowance();
  const secrets = objects.map(({ object, place }) =>
    object.kind === 'Secret'
      ? readSecret(object, { place: `${place} of ${name}`, file: name, allowance })
      : readDockerFile(object, { json, name, allowance }),
  );
  if (secrets.length === 0) {
    throw new PullSecretError(
      'NO_SECRET',
      `there is no Secret in ${name}${notes.length > 0 ? `: ${notes.slice(0, 3).join(', ')}` : ''}`,
      {
        hint: "kubectl get secret NAME -o yaml prints one; docker's config.json does as well",
      },
    );
  }
  return { secrets, notes };
}

interface Documents {
  readonly documents: readonly JsonValue[];
  /** The text itself, if it is JSON. */
  readonly json?: string | undefined;
}

function parseDocuments(text: string, name: string): Documents {
  try {
    // JSON is told apart because YAML would refuse tabs in it and names twice.
    if (/^\s*[{[]/.test(text.slice(0, 10_000))) {
      const json = tryJson(text);
      if (json !== undefined) return { documents: [json], json: text };
    }
    return { documents: parseYamlDocuments(text, { maxBytes: limits.userFileBytes }) };
  } catch (thrown) {
    if (!isTidewaiterError(thrown)) throw thrown;
    // Neither its cause: parsers quote the text.
    return failReading(`${name} cannot be read: ${withoutQuotation(messageOf(thrown))}`);
  }
}

function tryJson(text: string): JsonValue | undefined {
  try {
    return parseJson(text, { maxBytes: limits.userFileBytes });
  } catch (thrown) {
    if (isTidewaiterError(thrown) && thrown.code === 'INVALID') return undefined;
    throw thrown;
  }
}

/** What a parser says up to where it may quote. */
function withoutQuotation(message: string): string {
  const place = /\((\d+:\d+)\)/.exec(message)?.[1];
  return message.startsWith('not valid YAML')
    ? `it is not valid YAML${place === undefined ? '' : ` at line and column ${place}`}`
    : message;
}

interface Place {
  readonly place: string;
  readonly notes: string[];
  /** Lists in lists are not opened: with aliases they could be without end. */
  readonly inList: boolean;
}

interface PlacedObject {
  readonly object: JsonObject;
  readonly place: string;
}

function expand(document: JsonValue, at: Place): readonly PlacedObject[] {
  if (document === null || document === undefined) return [];
  const object = asObject(document);
  if (!object) {
    at.notes.push(`${at.place} is no object`);
    return [];
  }
  const kind = asString(object.kind);
  if (kind === 'Secret') return [{ object, place: at.place }];
  const items = asArray(object.items);
  if (kind !== undefined && kind.endsWith('List') && items && !at.inList) {
    return items.slice(0, maxDocuments + 1).flatMap((item, index) => {
      const inner = asObject(item);
      // Items of a SecretList need no kind of their own.
      const typed = inner && kind === 'SecretList' && inner.kind === undefined ? { ...inner, kind: 'Secret' } : item;
      return expand(typed, { notes: at.notes, place: `item ${index + 1} of ${at.place}`, inList: true });
    });
  }
  if (kind === undefined && object.apiVersion === undefined && looksLikeDockerConfig(object)) {
    return [{ object, place: at.place }];
  }
  at.notes.push(`${at.place} is ${kind === undefined ? 'no Kubernetes object' : `a ${shorten(kind)}`}`);
  return [];
}

function looksLikeDockerConfig(object: JsonObject): boolean {
  if (Object.keys(object).some((name) => ['auths', 'credhelpers', 'credsstore'].includes(name.toLowerCase())))
    return true;
  const entries = Object.values(object);
  return (
    entries.length > 0 &&
    entries.every((entry) => {
      const login = asObject(entry);
      return login !== undefined && (asString(login.auth) ?? asString(login.username)) !== undefined;
    })
  );
}
