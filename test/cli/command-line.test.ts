import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { alpineImage } from '../robustness/alpine-image.js';
import { notBuilt, tidewaiter } from '../robustness/program.js';
import { dockerArchive } from '../support/image-builder.js';
import { temporaryFolder } from '../support/paths.js';

const skip = notBuilt;

/** An Alpine archive with known flaws in a new folder, which is also the cache folder and the working directory. */
function workshop(t: Parameters<typeof temporaryFolder>[0]): {
  readonly folder: string;
  readonly archive: string;
  readonly run: (
    commandLine: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => ReturnType<typeof tidewaiter>;
} {
  const folder = temporaryFolder(t);
  const archive = join(folder, 'alpine.tar');
  writeFileSync(archive, dockerArchive(alpineImage));
  return {
    folder,
    archive,
    run: (commandLine, env = {}) =>
      tidewaiter(commandLine, { cwd: folder, env: { XDG_CACHE_HOME: join(folder, 'cache'), ...env } }),
  };
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

test('the version: alone, before a command, as a command', { skip }, async () => {
  const alone = await tidewaiter(['--version']);
  assert.deepEqual([alone.exitCode, alone.stderr], [0, '']);
  assert.match(alone.stdout, /^Version: \d+\.\d+\.\d+\n$/);
  for (const words of [['-v'], ['version'], ['image', '--version'], ['--quiet', '--version']]) {
    const { exitCode, stdout } = await tidewaiter(words);
    assert.equal(exitCode, 0, words.join(' '));
    assert.ok(stdout.startsWith(alone.stdout), words.join(' '));
  }
  const json = await tidewaiter(['version', '--format', 'json']);
  assert.equal(`Version: ${(JSON.parse(json.stdout) as { Version: string }).Version}\n`, alone.stdout);
});

test('help is on standard output, and teaches', { skip }, async () => {
  for (const words of [[], ['--help'], ['-h'], ['help']]) {
    const { exitCode, stdout, stderr } = await tidewaiter(words);
    assert.deepEqual([exitCode, stderr], [0, ''], words.join(' '));
    assert.match(stdout, /Commands[\s\S]*image[\s\S]*Examples[\s\S]*Exit codes/);
  }
  for (const words of [
    ['image', '--help'],
    ['help', 'image'],
    ['i', '-h'],
    ['help', 'db', 'build'],
    ['db', 'info', '--help'],
  ]) {
    const { exitCode, stdout } = await tidewaiter(words);
    assert.equal(exitCode, 0, words.join(' '));
    assert.match(stdout, /Usage[\s\S]*Examples[\s\S]*Exit codes/, words.join(' '));
  }
  const family = await tidewaiter(['db']);
  assert.match(family.stdout, /db build[\s\S]*db import[\s\S]*db info/);
});

test('a misspelt command or option is answered with the nearest one', { skip }, async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['imgae', '--input', 'x'], /did you mean tidewaiter image\?/],
    [['db', 'inport', 'x'], /did you mean tidewaiter db import\?/],
    [['image', '--sevrity', 'HIGH'], /did you mean --severity\?/],
    [['image', '--sevrity=HIGH'], /did you mean --severity\?/],
    [['image', '--input', 'x', '--Severity', 'HIGH'], /did you mean --severity\?/],
    [['image', '--quux'], /no option --quux/],
    [['image', '--input', 'x', '--severity', 'high'], /did you mean HIGH\?/],
    [['ref', '--formt', 'json', 'nginx'], /did you mean --format\?/],
  ];
  for (const [words, says] of cases) {
    const { exitCode, stdout, stderr } = await tidewaiter(words);
    assert.deepEqual([exitCode, stdout], [2, ''], words.join(' '));
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});

test('wrong command lines end with exit code 2, one sentence, a hint and no stack', { skip }, async (t) => {
  const { run } = workshop(t);
  const image = ['image', '--input', 'alpine.tar'];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['image'], /no image is named/],
    [['image', 'Nginx'], /must be lower case/],
    [['image', 'alpine.tar'], /use --input alpine\.tar/],
    [['image', '--input'], /--input needs a value/],
    [[...image, 'one', 'two'], /the word after "one"/],
    [[...image, '--format', 'sarif'], /sarif/],
    [[...image, '--format', 'xml'], /table, json, tidewaiter/],
    [[...image, '--scanners', 'vuln,secret'], /secret is not looked for/],
    [[...image, '--vex', 'x.json'], /--ignorefile/],
    [[...image, '--compliance', 'docker-cis-1.6.0'], /compliance report/],
    [[...image, '--download-db-only', '--skip-db-update'], /--skip-db-update/],
    [[...image, '--reset'], /clean --all/],
    [[...image, '--format', 'json', '--table-mode', 'summary'], /--table-mode/],
    [[...image, '--username', 'a'], /--password/],
    [[...image, '--output', 'plugin=x'], /plugin/],
    [[...image, '--output', '.'], /is a folder/],
    [[...image, '--distro', 'alpine'], /family\/version/],
    [[...image, '--distro', 'nonsuch/1'], /nonsuch/],
    [[...image, '--platform', 'a/b/c/d'], /no platform/],
    [[...image, '--platform', 'linux'], /no architecture.*\n.*linux\/amd64/],
    [[...image, '--platform', 'linux/s390x'], /linux\/s390x/],
    [[...image, 'nosuch:1'], /nosuch:1/],
    [[...image, '--ignorefile', 'missing'], /no ignore file missing/],
    [[...image, '--config', 'missing.yaml'], /no configuration file missing\.yaml/],
    [[...image, '--timeout', '0s'], /--timeout/],
    [[...image, '--skip-dirs', '[a'], /--skip-dirs.*\[a/],
    [[...image, '--skip-files', 'a,{b'], /--skip-files.*\{b/],
    [[...image, '--timeout', 'soon'], /duration/],
    [[...image, '--exit-code', '-1'], /from 0 to 255/],
    [['ref'], /needs NAME/],
    [['db', 'import'], /needs FILE/],
    [['db', 'build', 'x'], /--out/],
  ];
  for (const [words, says] of cases) {
    const { exitCode, stdout, stderr } = await run(words);
    assert.deepEqual([exitCode, stdout], [2, ''], `${words.join(' ')}\n${stderr}`);
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /\n\s+at /);
    assert.match(lastLine(stderr), /^result: error: [A-Z_]+$/);
  }
});

test('stack traces are for --debug', { skip }, async () => {
  const { stderr } = await tidewaiter(['image', '--input', 'missing.tar', '--debug']);
  assert.match(stderr, /\n\s+at /);
});

test('switches take a value after =, values may begin with a dash, -- ends the options', { skip }, async (t) => {
  const { run } = workshop(t);
  const noted = await run([
    'image',
    '--input=alpine.tar',
    '--disable-telemetry=true',
    '-f=json',
    '-sHIGH',
    '--quiet=false',
  ]);
  assert.equal(noted.exitCode, 0, noted.stderr);
  assert.match(noted.stderr, /--disable-telemetry has no effect here/);
  assert.ok(noted.stdout.startsWith('{'));
  const off = await run(['image', '--input', 'alpine.tar', '--disable-telemetry=false', '-f', 'json']);
  assert.doesNotMatch(off.stderr, /--disable-telemetry/);
  const wrong = await run(['image', '--input', 'alpine.tar', '--insecure=perhaps']);
  assert.equal(wrong.exitCode, 2);
  const dashed = await run(['ref', '--', '--help']);
  assert.equal(dashed.exitCode, 2);
  assert.match(dashed.stdout, /--help/);
});

test('general options may stand before the command', { skip }, async (t) => {
  const { run } = workshop(t);
  const { exitCode, stderr } = await run(['--quiet', '--cache-dir', 'elsewhere', 'image', '--input', 'alpine.tar']);
  assert.deepEqual([exitCode, stderr], [0, '']);
});

test('the command line goes before the environment, that before the file', { skip }, async (t) => {
  const { folder, run } = workshop(t);
  writeFileSync(join(folder, 'tidewaiter.yaml'), 'format: tidewaiter\nsevrity: [LOW]\n');
  const fromFile = await run(['image', '--input', 'alpine.tar']);
  assert.match(fromFile.stdout, /"schemaVersion"/);
  assert.match(fromFile.stderr, /tidewaiter\.yaml/);
  assert.match(fromFile.stderr, /did you mean severity\?/);
  const fromEnvironment = await run(['image', '--input', 'alpine.tar'], { TIDEWAITER_FORMAT: 'json' });
  assert.match(fromEnvironment.stdout, /"SchemaVersion"/);
  const fromCommandLine = await run(['image', '--input', 'alpine.tar', '--format', 'table'], {
    TIDEWAITER_FORMAT: 'json',
  });
  assert.match(fromCommandLine.stdout, /Report Summary/);
  const ofOthers = await run(['image', '--input', 'alpine.tar', '--format', 'table'], { TRIVY_SEVERITY: 'BAD' });
  assert.equal(ofOthers.exitCode, 0);
  writeFileSync(join(folder, 'tidewaiter.yaml'), 'format: [\n');
  const broken = await run(['image', '--input', 'alpine.tar']);
  assert.equal(broken.exitCode, 2);
  assert.match(broken.stderr, /tidewaiter\.yaml/);
});

test('refused settings are refused from the environment too', { skip }, async (t) => {
  const { run } = workshop(t);
  const { exitCode, stderr } = await run(['image', '--input', 'alpine.tar'], { TIDEWAITER_IGNORE_POLICY: 'x.rego' });
  assert.equal(exitCode, 2);
  assert.match(stderr, /TIDEWAITER_IGNORE_POLICY/);
});

test('--generate-default-config writes a file that is read back without a word', { skip }, async (t) => {
  const { folder, run } = workshop(t);
  const written = await run(['image', '--generate-default-config']);
  assert.equal(written.exitCode, 0, written.stderr);
  assert.equal((await run(['image', '--generate-default-config'])).exitCode, 4);
  const config = join(folder, 'tidewaiter-default.yaml');
  const { exitCode, stderr } = await run(['image', '--input', 'alpine.tar', '--config', config]);
  assert.equal(exitCode, 0, stderr);
  assert.doesNotMatch(stderr, /warning|error/);
});

test('a trivy.yaml is read where there is no file of ours, and that is said', { skip }, async (t) => {
  const { folder, run } = workshop(t);
  writeFileSync(join(folder, 'trivy.yaml'), 'exit-code: 6\n');
  const theirs = await run(['image', '--input', 'alpine.tar']);
  assert.equal(theirs.exitCode, 6);
  assert.match(theirs.stderr, /settings are taken from trivy\.yaml/);
  writeFileSync(join(folder, 'tidewaiter.yaml'), 'exit-code: 7\n');
  assert.equal((await run(['image', '--input', 'alpine.tar'])).exitCode, 7);
  writeFileSync(join(folder, 'own.yaml'), 'exit-code: 8\n');
  assert.equal((await run(['image', '--input', 'alpine.tar', '--config', 'own.yaml'])).exitCode, 8);
});

test('the default settings are written without a command too, and can be read', { skip }, async (t) => {
  const { folder, run } = workshop(t);
  for (const words of [['--generate-default-config'], ['image', '--generate-default-config']]) {
    assert.equal((await run(words)).exitCode, 0);
    const { exitCode, stderr } = await run(['image', '--input', 'alpine.tar', '-c', 'tidewaiter-default.yaml']);
    assert.equal(exitCode, 0, stderr);
    assert.doesNotMatch(stderr, /no effect|former|unknown/);
    rmSync(join(folder, 'tidewaiter-default.yaml'));
  }
});
