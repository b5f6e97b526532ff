import assert from 'node:assert/strict';
import test from 'node:test';
import { readDockerConfig } from './index.js';

const read = (text: string, form: 'dockerconfigjson' | 'dockercfg' = 'dockerconfigjson') =>
  readDockerConfig(new TextEncoder().encode(text), form);
const pairs = (text: string) => read(text).logins.map(({ username, password }) => `${username}:${password}`);
const faults = (text: string) => read(text).faults.map(({ kind }) => kind);
const auth = (value: string): string => JSON.stringify({ auths: { 'reg.io': { auth: value } } });

test('base64 is read as Go reads it', () => {
  for (const good of ['YTpi', 'YTpiYw==', 'YTpiYw', 'YT\npi', '\r\nYTpi', 'YTpiYw==\n', 'YTpiYw=\n=', 'YTo']) {
    assert.deepEqual(faults(auth(good)), [], JSON.stringify(good));
  }
  for (const bad of [
    ' YTpi',
    'YT pi',
    'YTpiYw=',
    'YTpi=',
    'YTpi====',
    'YTpiY',
    '_-86YQ',
    '=',
    'Y=Tp',
    'YTp=iYw=',
    'é',
    'YTpi\0',
  ]) {
    assert.deepEqual(faults(auth(bad)), ['auth-base64'], JSON.stringify(bad));
  }
  assert.deepEqual(faults(auth('YWI=')), ['auth-colon']);
  assert.deepEqual(pairs(auth('')), [':']);
});

test('auth goes before user name and password, and is split at its first colon', () => {
  assert.deepEqual(pairs('{"auths":{"r":{"username":"u","password":"p","auth":"YTpiOmM="}}}'), ['a:b:c']);
  assert.deepEqual(pairs('{"auths":{"r":{"username":"u","password":"p","auth":""}}}'), ['u:p']);
});

test('names are read in any case, and the last of several wins unless it is null', () => {
  assert.deepEqual(pairs('{"AUTHS":{"r":{"USERNAME":"u","Password":"p"}}}'), ['u:p']);
  assert.deepEqual(pairs('{"auths":{"r":{"username":"a","Username":"b","username":"c"}}}'), ['c:']);
  assert.deepEqual(pairs('{"auths":{"r":{"username":"a","Username":null}}}'), ['a:']);
  assert.deepEqual(pairs('{"auth\u017f":{"r":{"pa\u017f\u017fword":"p"}}}'), [':p']);
});

test('several auths are put together; a null takes away those before it, but not their faults', () => {
  assert.deepEqual(pairs('{"auths":{"a":{"username":"1"}},"Auths":{"b":{"username":"2"}}}'), ['1:', '2:']);
  assert.deepEqual(pairs('{"auths":{"a":{"username":"1"}},"auths":null}'), []);
  assert.deepEqual(faults('{"auths":{"a":{"username":1}},"auths":null}'), ['shape']);
  assert.deepEqual(read('{"auths":{"a":{},"a":{"username":"x"}}}').repeatedKeys, ['a']);
});

test('what has another shape is a fault, wherever it stands', () => {
  for (const text of [
    '[]',
    '1',
    '"x"',
    '{"auths":[]}',
    '{"auths":{"r":1}}',
    '{"auths":{"r":[]}}',
    '{"auths":{"r":{"email":1}}}',
    '{"auths":{},"HttpHeaders":{"a":1}}',
    '{"HTTPHEADERS":[]}',
  ]) {
    assert.deepEqual(faults(text), ['shape'], text);
  }
  for (const text of ['', ' ', '{', '{} x', '\ufeff{}', "{'a':1}", '['.repeat(300)])
    assert.deepEqual(faults(text), ['json'], text);
  for (const text of ['null', '{}', '{"auths":null}', '{"credsStore":1}', '{"HttpHeaders":null}'])
    assert.deepEqual(faults(text), [], text);
});

test('hostile documents end in a fault and take no password along', () => {
  const secret = 'hunter2hunter2';
  const texts = [
    `{"auths":{"r":{"password":"${secret}",}}}`,
    `{"auths":{"r":{"password":"${secret}"}}`,
    `{"auths":{"r":{"auth":"${secret}!"}}}`,
    secret,
    `{"auths":${'{"a":'.repeat(5000)}"${secret}"${'}'.repeat(5001)}`,
  ];
  for (const text of texts) {
    const { faults: found } = read(text);
    assert.equal(found.length, 1, text.slice(0, 80));
    assert.ok(!JSON.stringify(found).includes('hunter'), text.slice(0, 80));
  }
  const big = read(`{"auths":{"r":{"password":"${'x'.repeat(5 * 1024 * 1024)}"}}}`);
  assert.equal(big.faults[0]?.kind, 'json');
});

test('keys that mean something to JavaScript are keys like others', () => {
  const { logins, faults: found } = read(
    '{"__proto__":{"auths":{}},"auths":{"__proto__":{"username":"u"},"constructor":{"username":"v"},"5000":{}}}',
  );
  assert.deepEqual(found, []);
  assert.deepEqual(
    logins.map(({ key, username }) => [key, username]),
    [
      ['__proto__', 'u'],
      ['constructor', 'v'],
      ['5000', ''],
    ],
  );
});
