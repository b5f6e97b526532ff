import { checkObject } from './check-object.js';
import { errorLines } from './schema-error.js';
import type { SchemaCheck } from './schema-check.js';
import { kindKey, readSchemaTable, type SchemaTable } from './schema-table.js';

/** Where the original's schemas lie: its messages name them. Nothing is fetched from there. */
export const publicSchemas = 'https://raw.githubusercontent.com/yannh/kubernetes-json-schema/master';

/** The schemas inside the package; loaded when they are first asked for. */
export async function loadBundledSchemas(): Promise<SchemaTable> {
  const { schemaData } = await import('./schema-data.js');
  return readSchemaTable(schemaData);
}

/**
 * Checks against a table, with kubesec's messages. `version` is the one that messages name: `master`, or `v1.36.1`.
 * A kind without a schema is an error, as it is there.
 */
export function tableCheck(table: SchemaTable, version = 'master'): SchemaCheck {
  return (object, apiVersion, kind) => {
    const key = kindKey(apiVersion, kind);
    const schema = table.kind(key);
    if (!schema) return `could not find schema for ${kind}`;
    const errors = checkObject(object, schema, table);
    return errors.length === 0
      ? undefined
      : schemaMessage(`${publicSchemas}/${version}-standalone-strict/${key}.json`, errorLines(errors));
  };
}

/** The message about an object that does not fit its schema. */
export function schemaMessage(location: string, errors: string): string {
  return `problem validating schema. Check JSON formatting: jsonschema validation failed with '${location}#'${errors}\n`;
}
