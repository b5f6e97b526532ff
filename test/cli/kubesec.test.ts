import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { notBuilt, tidewaiter, type Ended } from '../robustness/program.js';
import { repoPath } from '../support/paths.js';

const skip = notBuilt;

const pod = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n${more}  containers: [{name: a, image: i, securityContext: {readOnlyRootFilesystem: true}}]\n`;

async function inFolder(
  files: Readonly<Record<string, string>>,
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kubesec-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const kubesec = (words: readonly string[], stdin?: string): Promise<Ended> =>
  tidewaiter(['kubesec', ...words], stdin === undefined ? {} : { stdin: new TextEncoder().encode(stdin) });

interface Report {
  readonly object: string;
  readonly valid: boolean;
  readonly fileName: string;
  readonly message: string;
  readonly score: number;
}

const reportsOf = ({ stdout }: Ended): readonly Report[] => JSON.parse(stdout) as readonly Report[];

test('a report is written byte for byte as the original writes it', { skip }, async () => {
  const ended = await kubesec(
    ['scan', '-r', 'CapDropAll,HostPID,ReadOnlyRootFilesystem', '-'],
    pod('a<b', '  hostPID: true\n'),
  );
  assert.equal(ended.exitCode, 2);
  assert.equal(ended.stderr, '');
  assert.equal(
    ended.stdout,
    `[
  {
    "object": "Pod/a\\u003cb.default",
    "valid": true,
    "fileName": "STDIN",
    "message": "Failed with a score of -8 points",
    "score": -8,
    "scoring": {
      "critical": [
        {
          "id": "HostPID",
          "selector": ".spec .hostPID == true",
          "reason": "Sharing the host's PID namespace allows visibility of processes on the host, potentially leaking information such as environment variables and configuration",
          "points": -9
        }
      ],
      "passed": [
        {
          "id": "ReadOnlyRootFilesystem",
          "selector": "containers[] .securityContext .readOnlyRootFilesystem == true",
          "reason": "An immutable root filesystem can prevent malicious binaries being added to PATH and increase attack cost",
          "points": 1
        }
      ],
      "advise": [
        {
          "id": "CapDropAll",
          "selector": "containers[] .securityContext .capabilities .drop | index(\\"ALL\\")",
          "reason": "Drop all capabilities and add only those required to reduce syscall attack surface",
          "points": 1
        }
      ]
    }
  }
]
`,
  );
});

test('mistakes are told on standard output, with exit code 1', { skip }, async () => {
  await inFolder({ 'a.yaml': pod('p'), 'empty/x.txt': '' }, async (folder) => {
    const file = join(folder, 'a.yaml');
    const cases: readonly (readonly [readonly string[], string, boolean])[] = [
      [['scan'], 'File path is required', true],
      [['scan', '--nope'], 'Unknown flag: --nope', true],
      [
        ['scan', '--exit-code', 'x', file],
        'Invalid argument "x" for "--exit-code" flag: strconv.ParseInt: parsing "x": invalid syntax',
        true,
      ],
      [['scan', '-f'], "Flag needs an argument: 'f' in -f", true],
      [['nope'], 'Unknown command "nope" for "kubesec"', true],
      [['scan', join(folder, 'none.yaml')], `Open ${join(folder, 'none.yaml')}: no such file or directory`, false],
      [['scan', '--compat', 'strict', folder], `Read ${folder}: is a directory`, false],
      [['scan', '-r', 'Nope,HostPID,nope2', file], 'Invalid rule IDs requested: Nope, nope2', false],
      [['scan', '-f', 'yaml', file], 'Unrecognized format specified', false],
      [['scan', '-f', 'template', file], 'Template is unset, please specify with --template', false],
      [['print-rules', '-f', 'nope'], 'Unkown printing format: nope', false],
      [['http'], '[[ip:]port] is missing, set CLI argument or use KUBESEC_ADDR environment variable', true],
      [['http', 'localhost:80'], 'Invalid IP address: "localhost"', true],
      [['http', '127.0.0.1:abc'], 'Invalid port: "abc"', true],
    ];
    for (const [words, stdout, onStderr] of cases) {
      const ended = await kubesec(words);
      assert.deepEqual([ended.exitCode, ended.stdout], [1, `${stdout}\n`], words.join(' '));
      assert.equal(ended.stderr.startsWith('Error: '), onStderr, words.join(' '));
    }
    const refused = await kubesec(['scan', '-f', 'template', '-t', '{{ . }}', file]);
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stdout, /not supported/);
    assert.equal((await kubesec(['scan', '-'], '')).stdout, 'Invalid input\n');
    assert.match((await kubesec(['scan', '-'], 'a: b: c\n')).stdout, /^Yaml: line 1: /);
  });
});

test('files, folders, standard input and the output file', { skip }, async () => {
  const files = {
    'a.yaml': pod('a'),
    'deep/b.json': JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'b' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    }),
    'c.txt': 'no manifest',
  };
  await inFolder(files, async (folder) => {
    const both = await kubesec(['scan', folder]);
    assert.deepEqual(
      reportsOf(both).map(({ object, fileName }) => [object, fileName]),
      [
        ['Pod/a.default', join(folder, 'a.yaml')],
        ['Pod/b.default', join(folder, 'deep/b.json')],
      ],
    );
    assert.equal(both.exitCode, 2);
    const out = join(folder, 'out.json');
    const one = await kubesec(['scan', join(folder, 'a.yaml'), '-o', out, '--exit-code=7']);
    assert.equal(one.exitCode, 0);
    assert.equal(`${await readFile(out, 'utf8')}\n`, one.stdout);
    const strict = await kubesec([
      'scan',
      '--compat=strict',
      join(folder, 'a.yaml'),
      join(folder, 'deep/b.json'),
      '-o',
      join(folder, 'no', 'x'),
    ]);
    assert.deepEqual([strict.exitCode, reportsOf(strict).length], [0, 1]);
    const failed = await kubesec(['scan', join(folder, 'a.yaml'), '-o', join(folder, 'no', 'x')]);
    assert.equal(failed.exitCode, 1);
    for (const word of ['-', '/dev/stdin']) {
      assert.equal(reportsOf(await kubesec(['scan', word], pod('s')))[0]?.fileName, 'STDIN');
    }
    const table = await kubesec(['scan', '-f', 'table', join(folder, 'a.yaml')]);
    assert.equal(table.exitCode, 0);
    assert.match(table.stdout, /Pod\/a\.default .*yes +1 +0 +14 +1\n/);
  });
});

test('schemas of the user are taken where they are named', { skip }, async () => {
  const schema = JSON.stringify({
    type: 'object',
    properties: {
      kind: {},
      apiVersion: {},
      metadata: {},
      spec: { required: ['size'], properties: { size: { type: ['integer', 'null'] } }, additionalProperties: false },
    },
  });
  await inFolder(
    { 's/master-standalone-strict/widget-example-v1.json': schema, 'flat/widget_v1.json': schema },
    async (folder) => {
      const widget = (spec: string) => `apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: ${spec}\n`;
      const run = async (spec: string, location: string) =>
        reportsOf(await kubesec(['scan', '--schema-location', location, '-'], widget(spec)))[0]?.message ?? '';
      assert.match(await run('{size: 1}', join(folder, 's')), /not supported by kubesec/);
      assert.match(
        await run('{size: x, y: 1}', join(folder, 's')),
        /at '\/spec\/size': got string, want integer or null/,
      );
      assert.match(
        await run(
          '{}',
          `${join(folder, 'none')},${join(folder, 'flat')}/{{.ResourceKind}}_{{ .ResourceAPIVersion }}.json`,
        ),
        /at '\/spec': missing property 'size'/,
      );
      assert.equal(await run('{}', join(folder, 'flat')), 'could not find schema for Widget');
      assert.match(
        await run('{}', 'https://schemas.example.com'),
        /^failed downloading schema at https:\/\/schemas\.example\.com\/master-standalone-strict\/widget-example-v1\.json: /,
      );
    },
  );
});

test('every vector, through the program', {
  skip:
    skip || (process.env['TIDEWAITER_ALL_VECTORS'] ? false : 'set TIDEWAITER_ALL_VECTORS to run a process for each'),
}, async (t) => {
  const path = repoPath('..', 'shared', 'specs', 'kubesec-vectors.json');
  if (!existsSync(path)) {
    t.skip('../shared is not here');
    return;
  }
  interface Vector {
    readonly name: string;
    readonly input: string;
    readonly args?: readonly string[];
    readonly exit: number;
    readonly stdout?: string;
    readonly reports?: readonly Pick<Report, 'object' | 'valid' | 'score'>[];
  }
  const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as { vectors: readonly Vector[] };
  for (const vector of vectors) {
    const ended = await kubesec(['scan', '--compat', 'strict', ...(vector.args ?? []), '-'], vector.input);
    assert.equal(ended.exitCode, vector.exit, vector.name);
    if (vector.stdout !== undefined) assert.equal(ended.stdout, `${vector.stdout}\n`, vector.name);
    if (!vector.reports) continue;
    assert.deepEqual(
      reportsOf(ended).map(({ object, valid, score }) => ({ object, valid, score })),
      vector.reports.map(({ object, valid, score }) => ({ object, valid, score })),
      vector.name,
    );
  }
});
