import { FormatError } from '../../core/index.js';
import { asArray, asObject, asString, type JsonObject, type JsonValue, parseYaml } from '../../formats/index.js';
import type { DatabaseDraft } from '../draft.js';
import { type Feed, maxFeedFileBytes } from '../feed.js';

/** The buckets of a database written out in YAML, as fixtures of tests are: `- bucket: ...`, `pairs:`. */
export const trivyYaml = {
  id: 'trivy-yaml',
  title: 'buckets in YAML',
  recognizes: (file) => /^-\s+bucket:/.test(file.firstLine()),
  read: (file, draft) => {
    const document = asArray(parseYaml(file.text(), { maxBytes: maxFeedFileBytes }));
    if (!document) throw new FormatError('INVALID', 'it is not a list of buckets');
    for (const item of document) {
      const { name, pairs } = bucketOf(item);
      for (const pair of pairs) readPair(name, asObject(pair) ?? {}, draft);
    }
  },
} as const satisfies Feed;

function readPair(top: string, pair: JsonObject, draft: DatabaseDraft): void {
  if ('bucket' in pair) {
    const { name, pairs } = bucketOf(pair);
    draft.bucket(top);
    for (const inner of pairs) {
      const { key, json } = keyAndValue(asObject(inner) ?? {}, `${top} / ${name}`);
      draft.put(top, name, key, json);
    }
    return;
  }
  const { key, json } = keyAndValue(pair, top);
  if (top === 'vulnerability') draft.vulnerabilities.set(key, json);
  else if (top === 'data-source') readDataSource(key, asObject(pair.value) ?? {}, draft);
  else draft.bucket(top).pairs.set(key, json);
}

function readDataSource(bucket: string, value: JsonObject, draft: DatabaseDraft): void {
  draft.dataSources.set(bucket, {
    id: asString(value.ID) ?? '',
    name: asString(value.Name) ?? '',
    url: asString(value.URL) ?? '',
    baseId: asString(value.BaseID),
  });
}

function bucketOf(value: JsonValue): { readonly name: string; readonly pairs: readonly JsonValue[] } {
  const bucket = asObject(value);
  const name = textOf(bucket?.bucket);
  const pairs = asArray(bucket?.pairs ?? []);
  if (!bucket || name === undefined || !pairs)
    throw new FormatError('INVALID', 'a bucket without a name or a list of pairs');
  return { name, pairs };
}

function keyAndValue(pair: JsonObject, where: string): { readonly key: string; readonly json: string } {
  const key = textOf(pair.key);
  if (key === undefined) throw new FormatError('INVALID', `${where}: a pair that is neither a bucket nor has a key`);
  return { key, json: JSON.stringify(pair.value ?? null) };
}

/** YAML reads an unquoted number as a number. */
function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'number' ? String(value) : asString(value);
}
