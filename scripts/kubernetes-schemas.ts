/**
 * Makes the compact table of Kubernetes' schemas from an API server's own OpenAPI document:
 *
 *   kubectl get --raw /openapi/v2 > openapi.json     (a server with --runtime-config=api/all=true)
 *   npx tsx scripts/kubernetes-schemas.ts openapi.json 1.36.1
 */
import { readFile, writeFile } from 'node:fs/promises';

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

const [path, version] = process.argv.slice(2);
if (path === undefined || version === undefined) throw new Error('usage: kubernetes-schemas.ts OPENAPI_V2 VERSION');
const { definitions } = JSON.parse(await readFile(path, 'utf8')) as { definitions: Readonly<Record<string, Schema>> };

/** Types that contain themselves: the public collections have no schemas of kinds with them. */
const endless = new Set(Object.keys(definitions).filter((name) => name.startsWith('io.k8s.apiextensions-apiserver.')));

const lines: string[] = [];
const lineOf = new Map<string, number>();

function codeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return codeOfNamed(schema.$ref.replace('#/definitions/', ''));
  switch (schema.type) {
    case 'string':
      return schema.format === 'int-or-string' ? 'x' : 's';
    case 'boolean':
      return 'b';
    case 'integer':
      return 'i';
    case 'number':
      return 'n';
    case 'array':
      return `[${codeOf(schema.items ?? {})}`;
    case 'object':
      if (schema.properties) throw new Error('an object inside an object');
      return typeof schema.additionalProperties === 'object' ? `{${codeOf(schema.additionalProperties)}` : 'o';
    default:
      return 'a';
  }
}

function codeOfNamed(name: string): string {
  if (name.endsWith('.api.resource.Quantity')) return 'q';
  const schema = definitions[name];
  if (!schema) throw new Error(`there is no type ${name}`);
  if (!schema.properties) return codeOf(schema);
  const known = lineOf.get(name);
  if (known !== undefined) return String(known);
  const line = lines.push('') - 1;
  lineOf.set(name, line);
  const required = new Set(schema.required);
  lines[line] = Object.entries(schema.properties)
    .map(([field, type]) => `${field}${required.has(field) ? '!' : ''}:${codeOf(type)}`)
    .join(',');
  return String(line);
}

const kinds: string[] = [];
for (const [name, schema] of Object.entries(definitions)) {
  const own = schema['x-kubernetes-group-version-kind'];
  // Types like DeleteOptions are part of many groups and no objects.
  if (own?.length !== 1 || !schema.properties?.['metadata'] || endless.has(name)) continue;
  const { group, version: apiVersion, kind } = own[0] as { group: string; version: string; kind: string };
  kinds.push(`${group === '' ? '' : `${group}/`}${apiVersion}=${kind}=${codeOfNamed(name)}`);
}
const table = [`${version} ${kinds.sort().join(' ')}`, ...lines].join('\n');
await writeFile(
  'src/manifest/schemas/schema-data.ts',
  `/** Made by scripts/kubernetes-schemas.ts from the OpenAPI document of a kube-apiserver ${version}; its form is \`SchemaTable\`'s. */\nexport const schemaData =\n  ${JSON.stringify(table).replaceAll('\\"', '"').replace(/^"/, "'").replace(/"$/, "'")};\n`,
);
process.stdout.write(`${kinds.length} kinds, ${lines.length} types, ${table.length} characters\n`);
