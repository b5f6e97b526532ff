import { asArray, asObject, asString, type JsonObject, type JsonValue, type YamlPath } from '../formats/index.js';
import { type FaultList, quote, told, type Place } from './fault.js';
import { nearest } from './nearest.js';
import { readDocument, type LocatedDocument } from './source-file.js';

/** A named entry of the file. */
export interface NamedEntry {
  readonly name: string;
  readonly value: JsonObject;
  readonly place: Place;
  /** Where one of its fields is written. */
  at(field: string): Place;
}

/** The parts of a kubeconfig that its current context leads to. */
export interface Kubeconfig {
  readonly cluster: NamedEntry | undefined;
  readonly user: NamedEntry | undefined;
  readonly place: Place;
}

const fields = {
  root: ['kind', 'apiVersion', 'preferences', 'clusters', 'users', 'contexts', 'current-context', 'extensions'],
  cluster: [
    'server',
    'tls-server-name',
    'insecure-skip-tls-verify',
    'certificate-authority',
    'certificate-authority-data',
    'proxy-url',
    'disable-compression',
    'extensions',
  ],
  user: [
    'client-certificate',
    'client-certificate-data',
    'client-key',
    'client-key-data',
    'token',
    'tokenFile',
    'as',
    'as-uid',
    'as-groups',
    'as-user-extra',
    'username',
    'password',
    'auth-provider',
    'exec',
    'extensions',
  ],
  context: ['cluster', 'user', 'namespace', 'extensions'],
} as const;

/** Reads a kubeconfig as the API server's client does; what it would not take is told to `faults`. */
export function readKubeconfig(text: string, file: string, faults: FaultList): Kubeconfig | undefined {
  const document = readDocument(text, file, { empty: 'kubeconfig-empty' }, faults);
  const root = asObject(document?.value);
  if (document === undefined) return undefined;
  if (root === undefined) {
    faults.add('kubeconfig-kind', document.at([]), { what: 'the file holds no mapping' });
    return undefined;
  }
  checkHead(document, root, faults);
  checkFields(document, [], { value: root, known: fields.root, faults });
  const lists = {
    clusters: entries(document, 'clusters', 'cluster', faults),
    users: entries(document, 'users', 'user', faults),
    contexts: entries(document, 'contexts', 'context', faults),
  };
  const context = currentContext(document, root, lists.contexts, faults);
  if (context === undefined) {
    return { cluster: onlyOne(lists.clusters), user: onlyOne(lists.users), place: document.at([]) };
  }
  return {
    cluster: named('cluster', context, lists.clusters, faults),
    user: named('user', context, lists.users, faults),
    place: document.at(['current-context']),
  };
}

function checkHead(document: LocatedDocument, root: JsonObject, faults: FaultList): void {
  const { kind, apiVersion } = root;
  if (kind !== undefined && kind !== null && kind !== 'Config') {
    faults.add('kubeconfig-kind', document.at(['kind']), { what: `kind is ${told(kind)}` });
  }
  if (apiVersion !== undefined && apiVersion !== null && apiVersion !== 'v1') {
    faults.add('kubeconfig-kind', document.at(['apiVersion']), { what: `apiVersion is ${told(apiVersion)}` });
  }
}

interface FieldCheck {
  readonly value: JsonObject;
  readonly known: readonly string[];
  readonly faults: FaultList;
}

function checkFields(document: LocatedDocument, path: YamlPath, { value, known, faults }: FieldCheck): void {
  for (const [key, member] of Object.entries(value)) {
    if (known.includes(key)) {
      const wanted = typeOf(key);
      if (member !== null && wanted !== undefined && wanted !== kindOf(member)) {
        faults.add('kubeconfig-field-type', document.at([...path, key]), {
          what: `${key} is a ${kindOf(member)}, not a ${wanted}`,
        });
      }
      continue;
    }
    const meant = nearest(key, known);
    faults.add('kubeconfig-unknown-field', document.at([...path, key]), {
      what: `the field ${quote(key)} is not known here`,
      fix: meant === undefined ? undefined : `write ${meant}`,
    });
  }
}

/** The type of a field by its name; nothing for those that nobody looks at here. */
function typeOf(field: string): string | undefined {
  if (field === 'insecure-skip-tls-verify' || field === 'disable-compression') return 'truth value';
  if (['clusters', 'users', 'contexts', 'as-groups', 'extensions'].includes(field)) return 'list';
  if (['preferences', 'exec', 'auth-provider', 'as-user-extra'].includes(field)) return 'mapping';
  return untyped.has(field) ? undefined : 'text';
}

/** Members of a list's entry, which are mappings there and names in a context. */
const untyped: ReadonlySet<string> = new Set(['cluster', 'user', 'context', 'kind', 'apiVersion']);

function kindOf(value: JsonValue): string {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'truth value';
  if (typeof value === 'number') return 'number';
  return asArray(value) === undefined ? 'mapping' : 'list';
}

function entries(
  document: LocatedDocument,
  list: string,
  member: 'cluster' | 'user' | 'context',
  faults: FaultList,
): readonly NamedEntry[] {
  const items = asArray(asObject(document.value)?.[list]) ?? [];
  return items.flatMap((item, index) => {
    const entry = asObject(item);
    if (entry === undefined) return [];
    const path = [list, index, member];
    const value = asObject(entry[member]) ?? {};
    checkFields(document, [list, index], { value: entry, known: ['name', member], faults });
    checkFields(document, path, { value, known: fields[member], faults });
    const name = asString(entry['name']);
    if (name === undefined) return [];
    return [{ name, value, place: document.at([list, index]), at: (field: string) => document.at([...path, field]) }];
  });
}

function currentContext(
  document: LocatedDocument,
  root: JsonObject,
  contexts: readonly NamedEntry[],
  faults: FaultList,
): NamedEntry | undefined {
  const value = root['current-context'];
  const name = asString(value) ?? '';
  const place = document.at(['current-context']);
  const known = contexts.map((context) => context.name);
  if (name === '') {
    const isBare = Object.keys(root).every((key) => key === 'kind' || key === 'apiVersion');
    faults.add(isBare ? 'kubeconfig-empty' : 'no-current-context', place, {
      what: isBare ? 'the kubeconfig names nothing' : 'current-context is missing or empty',
      fix: known.length === 1 ? `add current-context: ${known[0]}` : undefined,
    });
    return onlyOne(contexts);
  }
  const context = contexts.find((one) => one.name === name);
  if (context === undefined) {
    faults.add('context-unknown', place, {
      what: `current-context is ${quote(name)}; the contexts are ${listed(known)}`,
    });
  }
  return context ?? onlyOne(contexts);
}

function named(
  member: 'cluster' | 'user',
  context: NamedEntry,
  all: readonly NamedEntry[],
  faults: FaultList,
): NamedEntry | undefined {
  const name = asString(context.value[member]) ?? '';
  const found = all.find((one) => one.name === name);
  if (found !== undefined || (member === 'user' && name === '')) return found;
  faults.add(`${member}-unknown`, context.at(member), {
    what: `the context ${quote(context.name)} names the ${member} ${quote(name)}; the file has ${listed(all.map((one) => one.name))}`,
  });
  return onlyOne(all);
}

/** Where a name is wrong and only one can be meant, that one is looked at further. */
function onlyOne(all: readonly NamedEntry[]): NamedEntry | undefined {
  return all.length === 1 ? all[0] : undefined;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.slice(0, 10).map(quote).join(', ');
}

/** A text field; other types are told as no text at all. */
export function textField(entry: NamedEntry, field: string): string | undefined {
  const value: JsonValue | undefined = entry.value[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
