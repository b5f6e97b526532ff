import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { makeAuthority } from '../../test/support/certificates.js';
import { temporaryFolder } from '../../test/support/paths.js';
import { isTidewaiterError } from '../core/index.js';
import type { RegistryAccess } from '../access/index.js';
import {
  imageCommandOptions,
  oldNames,
  readRegistryAccess,
  registryFileKeys,
  registryOptions,
  resolveSettings,
  type GivenOption,
  type ResolvedSettings,
} from './index.js';
import { parseConfigDocument } from './config-document.js';

const secret = 'hunter2-never-shown';

interface Given {
  readonly line?: readonly (readonly [string, string])[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Text of the configuration file. */
  readonly file?: string;
  readonly stdin?: string | Uint8Array;
}

function resolve(given: Given): ResolvedSettings {
  const commandLine: readonly GivenOption[] = (given.line ?? []).map(([name, text]) => ({ name, text }));
  const fileKeys = registryFileKeys.map(({ key }) => key);
  const path = 'trivy.yaml';
  const values = given.file === undefined ? undefined : parseConfigDocument(path, given.file, new Set(fileKeys));
  return resolveSettings(
    { options: imageCommandOptions, oldNames, fileKeys },
    { commandLine, environment: given.environment ?? {}, configFile: values && { path, values } },
  );
}

async function* streamOf(input: string | Uint8Array): AsyncIterable<Uint8Array> {
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
  // Pieces that cut characters in two.
  for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
}

async function read(given: Given): Promise<RegistryAccess> {
  return await readRegistryAccess(resolve(given).settings, given.environment ?? {}, streamOf(given.stdin ?? ''));
}

async function refuses(given: Given, code: string): Promise<void> {
  await assert.rejects(read(given), (error) => {
    assert.ok(isTidewaiterError(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.ok(!`${error.message} ${error.hint ?? ''} ${String(error.cause)}`.includes(secret), error.message);
    return true;
  });
}

test('without settings nothing is given outright', async () => {
  const environment = { HOME: '/nowhere' };
  const access = await read({ environment });
  assert.deepEqual([access.logins, access.secrets, access.ca], [[], [], undefined]);
  assert.deepEqual([access.mirrors, access.aliases, access.hosts], [{}, {}, {}]);
  assert.deepEqual([access.insecure, access.offline, access.environment], [false, false, environment]);
});

test('users and passwords are paired in their order, from wherever they come', async () => {
  const line = await read({
    line: [
      ['username', 'one,two'],
      ['password', `${secret},"with,comma"`],
    ],
  });
  assert.deepEqual(line.logins, [
    { username: 'one', password: secret },
    { username: 'two', password: 'with,comma' },
  ]);
  const mixed = await read({
    environment: { TIDEWAITER_PASSWORD: secret },
    file: 'registry:\n  username: [me]\n  token: bearer\n',
  });
  assert.deepEqual(mixed.logins, [{ username: 'me', password: secret }]);
  assert.equal(mixed.registryToken, 'bearer');
});

test('users and passwords that do not pair are refused', async () => {
  await refuses({ line: [['username', 'me']] }, 'CONFLICT');
  await refuses({ line: [['password', secret]] }, 'CONFLICT');
  await refuses(
    {
      line: [
        ['username', 'me,you'],
        ['password', secret],
      ],
    },
    'CONFLICT',
  );
});

test('the only password of an only user is taken whole', async () => {
  const password = `a,b c,${secret}`;
  const line = await read({
    line: [
      ['username', 'me'],
      ['password', password],
    ],
  });
  assert.deepEqual(line.logins, [{ username: 'me', password }]);
  const variable = await read({ environment: { TIDEWAITER_USERNAME: 'me', TIDEWAITER_PASSWORD: 'four words of it' } });
  assert.deepEqual(variable.logins, [{ username: 'me', password: 'four words of it' }]);
});

test('one password comes from standard input, without its line end', async () => {
  const line = [
    ['username', 'me'],
    ['password-stdin', 'true'],
  ] as const;
  for (const [stdin, password] of [
    ['pa ss', 'pa ss'],
    ['pass\n', 'pass'],
    ['pass\r\n', 'pass'],
    ['pass\n\n', 'pass\n'],
    [' pässwörd,with\u{1f511}\n', ' pässwörd,with\u{1f511}'],
  ] as const) {
    assert.deepEqual((await read({ line, stdin })).logins, [{ username: 'me', password }]);
  }
  await refuses({ line, stdin: '' }, 'INVALID_VALUE');
  await refuses({ line, stdin: '\n' }, 'INVALID_VALUE');
  await refuses({ line, stdin: 'x'.repeat(70_000) }, 'INVALID_VALUE');
  await refuses({ line, stdin: new Uint8Array([0x61, 0xff]) }, 'INVALID_VALUE');
  await refuses({ line: [...line, ['password', secret]] }, 'CONFLICT');
  await refuses({ line: [...line, ['input', '-']] }, 'CONFLICT');
  await refuses({ line: [['password-stdin', 'true']] }, 'CONFLICT');
  await refuses({ line: [...line, ['username', 'you']] }, 'CONFLICT');
});

test('secrets on the command line are warned of, and not repeated', () => {
  const { warnings } = resolve({
    line: [
      ['username', 'me'],
      ['password', secret],
      ['registry-token', secret],
    ],
  });
  assert.equal(warnings.length, 2);
  assert.ok(!warnings.join().includes(secret));
  assert.deepEqual(resolve({ environment: { TIDEWAITER_PASSWORD: secret } }).warnings, []);
});

test('secrets and authorities are read from their files', async (t) => {
  const folder = temporaryFolder(t);
  const authority = await makeAuthority();
  const ca = join(folder, 'ca.pem');
  const file = join(folder, 'secret.yaml');
  writeFileSync(ca, `a comment\n${authority.pem}${authority.pem}`);
  writeFileSync(file, '\ufeffkind: Secret\n');
  const access = await read({
    line: [
      ['registry-secret', `${file},${file}`],
      ['cacert', ca],
    ],
  });
  assert.deepEqual(
    access.secrets?.map(({ name, text }) => [name, text]),
    [
      [file, 'kind: Secret\n'],
      [file, 'kind: Secret\n'],
    ],
  );
  assert.equal(access.ca?.length, 1);
  assert.ok(access.ca?.[0]?.includes(authority.pem.trim()));
  const piped = await read({ line: [['registry-secret', `-,${file}`]], stdin: 'kind: Secret' });
  assert.deepEqual(
    piped.secrets?.map(({ name, text }) => [name, text]),
    [
      ['standard input', 'kind: Secret'],
      [file, 'kind: Secret\n'],
    ],
  );
  await refuses({ line: [['registry-secret', '-,-']] }, 'CONFLICT');
  await refuses(
    {
      line: [
        ['registry-secret', '-'],
        ['username', 'me'],
        ['password-stdin', 'true'],
      ],
    },
    'CONFLICT',
  );
  const none = join(folder, 'none.pem');
  writeFileSync(none, secret);
  const cut = join(folder, 'cut.pem');
  writeFileSync(cut, authority.pem.slice(0, 200));
  for (const name of ['registry-secret', 'cacert']) {
    await refuses({ line: [[name, join(folder, 'missing')]] }, 'FILE_NOT_FOUND');
    await refuses({ line: [[name, folder]] }, 'FILE_INVALID');
  }
  await refuses({ line: [['cacert', none]] }, 'FILE_INVALID');
  await refuses({ line: [['cacert', cut]] }, 'FILE_INVALID');
});

test('the old variable of --insecure is understood', async () => {
  assert.equal((await read({ environment: { TIDEWAITER_NON_SSL: 'anything' } })).insecure, true);
  assert.equal((await read({ file: 'insecure: true\noffline: true\n' })).offline, true);
});

test('mirrors and aliases come from the configuration file, by registry', async () => {
  const access = await read({
    file: [
      'registry:',
      '  mirrors:',
      '    index.docker.io: [mirror.example.com/hub, "http://localhost:5000"]',
      '    docker.io: [third.example.com/]',
      '    quay.io: one.example.com:5000/a/b_c',
      '    empty.io:',
      '  aliases:',
      '    registry.example.com:5000: https://[::1]:5000/team',
    ].join('\n'),
  });
  assert.deepEqual(access.mirrors, {
    'docker.io': ['mirror.example.com/hub', 'http://localhost:5000', 'third.example.com'],
    'quay.io': ['one.example.com:5000/a/b_c'],
    'empty.io': [],
  });
  assert.deepEqual(access.aliases, { 'registry.example.com:5000': 'https://[::1]:5000/team' });
});

test('what is wrong with mirrors, aliases and hosts is an error that repeats no password', async () => {
  const wrong = [
    'mirrors: [x]',
    'mirrors: x',
    'mirrors: {docker.io: {a: b}}',
    'mirrors: {docker.io: [7]}',
    `mirrors: {docker.io: ["https://me:${secret}@mirror.io"]}`,
    `mirrors: {docker.io: ["mirror.io/x?token=${secret}"]}`,
    'mirrors: {docker.io: ["ftp://mirror.io"]}',
    'mirrors: {docker.io: ["mirror.io/../x"]}',
    'mirrors: {docker.io: [""]}',
    'mirrors: {"https://docker.io": [mirror.io]}',
    'mirrors: {"docker.io/library": [mirror.io]}',
    'aliases: {a.io: [b.io]}',
    'aliases: {__proto__: b.io}',
    'hosts: {a.io: true}',
    'hosts: {a.io: {insecur: true}}',
    'hosts: {a.io: {insecure: maybe}}',
    'hosts: {a.io: {ca: [x]}}',
    'hosts: {a.io: {ca: ""}}',
    'hosts: {a.io: {key: key.pem}}',
  ];
  for (const text of wrong) await refuses({ file: `registry:\n  ${text}` }, 'INVALID_VALUE');
  await refuses({ file: 'registry:\n  hosts: {a.io: {ca: /nowhere/ca.pem}}' }, 'FILE_NOT_FOUND');
});

test('hosts have their own authority, certificate and key', async (t) => {
  const folder = temporaryFolder(t);
  const authority = await makeAuthority();
  const one = await authority.issue({ names: ['client'], client: true });
  const other = await authority.issue({ names: ['other'], client: true });
  for (const [name, text] of [
    ['ca', authority.pem],
    ['cert', one.cert],
    ['key', one.key],
    ['other', other.key],
    ['bad', `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`],
  ] as const)
    writeFileSync(join(folder, name), text);
  const host = (members: string): Given => ({ file: `registry:\n  hosts:\n    REG.example.com:5000: {${members}}` });
  const at = (name: string): string => JSON.stringify(join(folder, name));
  const { hosts } = await read(host(`ca: ${at('ca')}, cert: ${at('cert')}, key: ${at('key')}, insecure: true`));
  assert.deepEqual(hosts, {
    'reg.example.com:5000': { ca: authority.pem, certificate: one.cert, key: one.key, insecure: true },
  });
  await refuses(host(`cert: ${at('cert')}, key: ${at('other')}`), 'FILE_INVALID');
  await refuses(host(`cert: ${at('cert')}, key: ${at('bad')}`), 'FILE_INVALID');
  await refuses(host(`cert: ${at('bad')}, key: ${at('key')}`), 'FILE_INVALID');
});

test('a key that is nearly one of these is named', () => {
  const { warnings } = resolve({ file: 'registry:\n  mirors:\n    docker.io: [mirror.io]\n' });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /did you mean registry\.mirrors\?/);
});

test('commands that ask a registry share these options', () => {
  const image = new Set(imageCommandOptions);
  assert.ok(registryOptions.every((option) => image.has(option)));
});
