import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../core/index.js';
import { asObject, parseJson } from '../formats/index.js';
import {
  acceptAll,
  kindKey,
  kindsIn,
  loadBundledSchemas,
  schemaFileCheck,
  tableCheck,
  type SchemaCheck,
  type SchemaFile,
} from '../manifest/index.js';
import type { WordsContext } from './command.js';
import type { KubesecWords } from './kubesec-flags.js';

/** The check for one input: schemas that lie in files are read for the kinds that the input names. */
export type ChecksOf = (text: string) => Promise<SchemaCheck>;

/** What the flags, and the variables that stand in for them, say of schemas. */
export async function chooseChecks(
  { terminal, environment }: Pick<WordsContext, 'terminal' | 'environment'>,
  words: KubesecWords,
): Promise<ChecksOf> {
  if (words.isOn('no-validate')) return () => Promise.resolve(acceptAll);
  const version = words.text('kubernetes-version') || environment.K8S_SCHEMA_VER || '';
  const locations = words.list('schema-location') ?? environment.SCHEMA_LOCATION?.split(',') ?? [];
  const named = locations.filter((location) => location !== '');
  const versionName = version === '' || version === 'master' ? 'master' : `v${version.replace(/^v/, '')}`;
  const lenient = words.isOn('ignore-missing-schemas');
  const table = await loadBundledSchemas();
  const bundled = tableCheck(table, versionName);
  if (named.length === 0 || (named.length === 1 && named[0] === 'default')) {
    if (versionName !== 'master' && versionName !== `v${table.version}`) {
      terminal.say(
        `note: the schemas inside the package are those of Kubernetes ${table.version}; they are used for ${version}`,
      );
    }
    const check = lenient ? ignoringMissing(bundled) : bundled;
    return () => Promise.resolve(check);
  }
  return async (text) => {
    const found = new Map<string, SchemaFile | 'bundled' | Error | undefined>();
    for (const { apiVersion, kind } of kindsIn(text)) {
      const key = `${apiVersion} ${kind}`;
      found.set(key, await findSchema({ apiVersion, kind }, named, versionName));
    }
    const check: SchemaCheck = (object, apiVersion, kind) => {
      const schema = found.get(`${apiVersion} ${kind}`);
      if (schema === undefined) return `could not find schema for ${kind}`;
      if (schema === 'bundled') return bundled(object, apiVersion, kind);
      return schema instanceof Error ? schema.message : schemaFileCheck(object, schema);
    };
    return lenient ? ignoringMissing(check) : check;
  };
}

function ignoringMissing(check: SchemaCheck): SchemaCheck {
  return (object, apiVersion, kind) => {
    const problem = check(object, apiVersion, kind);
    return problem === `could not find schema for ${kind}` ? undefined : problem;
  };
}

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

const maxSchemaBytes = 32 * 1024 * 1024;

/** The first location that has the kind; one that lacks it, or has no JSON there, is passed over. */
async function findSchema(
  kind: Kind,
  locations: readonly string[],
  version: string,
): Promise<SchemaFile | 'bundled' | Error | undefined> {
  for (const location of locations) {
    if (location === 'default') return 'bundled';
    const path = schemaPath(location, kind, version);
    if (/^https?:/i.test(path)) {
      return new Error(`failed downloading schema at ${path}: schemas are read from files only`);
    }
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOENT' || code === 'ENOTDIR') continue;
      return new Error(`failed opening schema at ${path}: ${messageOf(error)}`);
    }
    const schema = parseSchema(text);
    if (schema) return { location: `file://${resolve(path)}`, schema };
  }
  return undefined;
}

function parseSchema(text: string): ReturnType<typeof asObject> {
  try {
    return asObject(parseJson(text, { maxBytes: maxSchemaBytes }));
  } catch {
    // Not JSON: the next location may have it.
    return undefined;
  }
}

/** The file of a kind: in the public layout, or where the location's own pattern says. */
function schemaPath(location: string, { apiVersion, kind }: Kind, version: string): string {
  if (!location.endsWith('json'))
    return `${location.replace(/\/$/, '')}/${version}-standalone-strict/${kindKey(apiVersion, kind)}.json`;
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const fields: Readonly<Record<string, string>> = {
    NormalizedKubernetesVersion: version,
    StrictSuffix: '-strict',
    ResourceKind: kind.toLowerCase(),
    ResourceAPIVersion: apiVersion.slice(slash + 1),
    Group: group,
    KindSuffix: kindKey(apiVersion, kind).slice(kind.length),
  };
  return location.replaceAll(/\{\{ *\.([A-Za-z]{1,40}) *\}\}/g, (whole, name: string) =>
    Object.hasOwn(fields, name) ? (fields[name] ?? whole) : whole,
  );
}
