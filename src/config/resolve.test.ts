import test from 'node:test';
import assert from 'node:assert/strict';
import {
  ConfigError,
  imageCommandOptions,
  oldNames,
  resolveSettings,
  type ConfigFile,
  type ResolvedSettings,
} from './index.js';
import type { JsonValue } from '../formats/index.js';

const known = { options: imageCommandOptions, oldNames };

function file(values: Readonly<Record<string, JsonValue>>): ConfigFile {
  return { path: 'tidewaiter.yaml', values: new Map(Object.entries(values)) };
}

function resolve(
  commandLine: readonly (readonly [string, string])[],
  environment: Readonly<Record<string, string>> = {},
  configFile?: ConfigFile,
): ResolvedSettings {
  return resolveSettings(known, {
    commandLine: commandLine.map(([name, text]) => ({ name, text })),
    environment,
    configFile,
  });
}

function refuses(run: () => unknown, code: ConfigError['code'], words: RegExp): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.code, code);
    assert.match(`${error.message} ${error.hint ?? ''}`, words);
    return true;
  });
}

test('the command line goes before the environment, that before the file, that before the default', () => {
  const environment = { TIDEWAITER_FORMAT: 'json' };
  const configFile = file({ format: 'tidewaiter', severity: ['LOW'] });
  assert.equal(resolve([]).settings.text('format'), 'table');
  assert.equal(resolve([], {}, configFile).settings.text('format'), 'tidewaiter');
  assert.equal(resolve([], environment, configFile).settings.text('format'), 'json');
  const all = resolve([['format', 'table']], environment, configFile).settings;
  assert.deepEqual(all.given('format'), { value: 'table', source: 'command line', origin: '--format' });
  assert.deepEqual(all.list('severity'), ['LOW']);
  assert.equal(all.origin('severity'), 'severity in tidewaiter.yaml');
});

test('a list given twice adds up; from a stronger place it replaces', () => {
  const { settings } = resolve(
    [
      ['severity', 'LOW'],
      ['severity', 'HIGH,CRITICAL'],
    ],
    { TIDEWAITER_SEVERITY: 'MEDIUM' },
  );
  assert.deepEqual(settings.list('severity'), ['LOW', 'HIGH', 'CRITICAL']);
});

test('lists in the environment are separated by commas, or else by white space', () => {
  assert.deepEqual(resolve([], { TIDEWAITER_SEVERITY: 'LOW HIGH' }).settings.list('severity'), ['LOW', 'HIGH']);
  assert.deepEqual(resolve([], { TIDEWAITER_SKIP_DIRS: 'a b,c' }).settings.list('skip-dirs'), ['a b', 'c']);
  assert.deepEqual(resolve([['skip-dirs', 'a b']]).settings.list('skip-dirs'), ['a b']);
});

test('an empty variable is none', () => {
  assert.equal(resolve([], { TIDEWAITER_FORMAT: '' }).settings.given('format'), undefined);
});

test('a switch in the environment that is no boolean word is off, and that is said', () => {
  for (const name of ['TIDEWAITER_IGNORE_UNFIXED', 'TIDEWAITER_SKIP_UPDATE', 'TIDEWAITER_VERSION']) {
    const { settings, warnings } = resolve([], { [name]: 'perhaps' });
    assert.equal(settings.isOn('ignore-unfixed') || settings.isOn('skip-db-update') || settings.isOn('version'), false);
    assert.match(warnings.join(), new RegExp(`${name}.*false`));
  }
  assert.equal(resolve([], { TIDEWAITER_VERSION: 'true' }).settings.isOn('version'), true);
  refuses(() => resolve([], { TIDEWAITER_EXIT_CODE: 'perhaps' }), 'INVALID_VALUE', /TIDEWAITER_EXIT_CODE/);
});

test('variables of other programs are not read', () => {
  assert.equal(resolve([], { TRIVY_FORMAT: 'json' }).settings.text('format'), 'table');
});

test('enumerated values are checked as they are written, wherever they stand', () => {
  refuses(
    () => resolve([['severity', 'high']]),
    'INVALID_VALUE',
    /did you mean HIGH\?.*UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL/,
  );
  refuses(() => resolve([['severity', 'HIGH,,LOW']]), 'INVALID_VALUE', /allowed values/);
  refuses(() => resolve([], { TIDEWAITER_SEVERITY: 'BAD' }), 'INVALID_VALUE', /TIDEWAITER_SEVERITY/);
  refuses(() => resolve([], {}, file({ severity: ['BAD'] })), 'INVALID_VALUE', /severity in tidewaiter\.yaml/);
  refuses(() => resolve([['ignore-unfixed', 'perhaps']]), 'INVALID_VALUE', /true or false/);
  refuses(() => resolve([['exit-code', 'x']]), 'INVALID_VALUE', /whole number/);
  refuses(() => resolve([['exit-code', '256']]), 'INVALID_VALUE', /255/);
  refuses(() => resolve([['timeout', '5 minutes']]), 'INVALID_VALUE', /duration/);
  refuses(() => resolve([['cache-backend', 'redis://x']]), 'INVALID_VALUE', /fs, memory/);
  refuses(() => resolve([], {}, file({ format: ['json'] })), 'INVALID_VALUE', /one value/);
});

test('an unknown key of the file is warned about, one of nobody else only', () => {
  assert.match(resolve([], {}, file({ sevrity: 'LOW' })).warnings.join(), /sevrity.*did you mean severity/);
  const others = { ...known, otherKeys: ['fleet.name'] };
  const sources = { commandLine: [], environment: {}, configFile: file({ 'fleet.name': 'x' }) };
  assert.deepEqual(resolveSettings(others, sources).warnings, []);
});

test('values of the file are plain: booleans, numbers, texts, lists', () => {
  const { settings } = resolve(
    [],
    {},
    file({
      'vulnerability.ignore-unfixed': true,
      'exit-code': 5,
      'scan.skip-dirs': ['a,b', '"c'],
      severity: 'LOW,HIGH',
      timeout: null,
    }),
  );
  assert.equal(settings.isOn('ignore-unfixed'), true);
  assert.equal(settings.number('exit-code'), 5);
  assert.deepEqual(settings.list('skip-dirs'), ['a,b', '"c']);
  assert.deepEqual(settings.list('severity'), ['LOW', 'HIGH']);
  assert.equal(settings.number('timeout'), 300_000);
});

test('former names work in the environment and in the file', () => {
  assert.deepEqual(resolve([], { TIDEWAITER_VULN_TYPE: 'os' }).settings.list('pkg-types'), ['os']);
  assert.deepEqual(resolve([], {}, file({ 'vulnerability.type': ['library'] })).settings.list('pkg-types'), [
    'library',
  ]);
  assert.equal(resolve([], { TIDEWAITER_NON_SSL: 'whatever' }).settings.isOn('insecure'), true);
  assert.equal(resolve([['slow', 'true']]).settings.number('parallel'), 1);
  refuses(() => resolve([['reset', 'true']]), 'OPTION_GONE', /clean --all/);
});
