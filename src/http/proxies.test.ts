import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { HttpError } from './errors.js';
import { isExcepted, proxyFor } from './proxies.js';

const proxies = { http: 'http://web:3128', https: 'http://me:p%40ss@secure:3129' };

test('the proxy is chosen by the scheme of the URL', () => {
  assert.equal(proxyFor(new URL('http://a.example/'), proxies)?.name, 'web:3128');
  const secure = proxyFor(new URL('https://a.example/'), proxies);
  assert.equal(secure?.name, 'secure:3129');
  assert.equal(secure?.authorization, `Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  assert.equal(proxyFor(new URL('https://a.example/'), {}), undefined);
  assert.equal(proxyFor(new URL('https://a.example/'), { https: ' ' }), undefined);
});

test('a proxy may be written without scheme, with TLS, without password, with a stray percent sign', () => {
  const url = new URL('https://a.example/');
  assert.equal(proxyFor(url, { https: 'proxy.example:8080' })?.name, 'proxy.example:8080');
  assert.equal(proxyFor(url, { https: 'proxy.example' })?.port, 80);
  assert.equal(proxyFor(url, { https: 'https://proxy.example' })?.port, 443);
  assert.equal(proxyFor(url, { https: 'http://[::1]:8080' })?.hostname, '::1');
  const login = (text: string): string | undefined => proxyFor(url, { https: text })?.authorization;
  assert.equal(login('http://me@proxy'), `Basic ${Buffer.from('me:').toString('base64')}`);
  assert.equal(login('http://me:100%@proxy'), `Basic ${Buffer.from('me:100%').toString('base64')}`);
});

test('hosts of this machine need no proxy', () => {
  for (const host of ['localhost:5000', '127.0.0.1', '127.1.2.3:8080', '[::1]:5000', 'registry.localhost']) {
    assert.equal(proxyFor(new URL(`http://${host}/`), proxies), undefined, host);
  }
});

test('what is no proxy is refused, and its password not repeated', () => {
  for (const https of ['http://', 'socks5://me:secret@host:1080', 'http://me:secret@host:99999', 'ftp://me:secret@x']) {
    assert.throws(
      () => proxyFor(new URL('https://a.example/'), { https }),
      (error) => error instanceof HttpError && error.code === 'PROXY_FAILED' && !error.message.includes('secret'),
    );
  }
});

test('NO_PROXY', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['example.com', 'https://example.com/', true],
    ['example.com', 'https://a.b.example.com/', true],
    ['example.com', 'https://badexample.com/', false],
    ['example.com', 'https://example.com.evil/', false],
    ['EXAMPLE.com', 'https://example.COM/', true],
    ['example.com', 'https://example.com./', true],
    ['.example.com', 'https://a.example.com/', true],
    ['.example.com', 'https://example.com/', false],
    ['*.example.com', 'https://a.example.com/', true],
    ['*.example.com', 'https://example.com/', false],
    ['*', 'https://anything/', true],
    ['a, b ,c', 'https://b/', true],
    ['a b', 'https://b/', true],
    ['', 'https://b/', false],
    [',,', 'https://b/', false],
    ['b:8443', 'https://b:8443/', true],
    ['b:8443', 'https://b/', false],
    ['b:443', 'https://b/', true],
    ['b:80', 'http://b/', true],
    ['10.0.0.1', 'http://10.0.0.1:5000/', true],
    ['10.0.0.1:5000', 'http://10.0.0.1:5000/', true],
    ['10.0.0.1:5001', 'http://10.0.0.1:5000/', false],
    ['10.0.0.0/8', 'http://10.20.30.40/', true],
    ['10.0.0.0/8', 'http://11.0.0.1/', false],
    ['10.0.0.0/99', 'http://10.0.0.1/', false],
    ['0.0.0.0/0', 'http://1.2.3.4/', true],
    ['fd00::/8', 'http://[fd12::1]:5000/', true],
    ['fd12::1', 'http://[fd12::1]:5000/', true],
    ['[fd12::1]', 'http://[fd12:0::1]/', true],
    ['[fd12::1]:5000', 'http://[fd12::1]:5000/', true],
    ['[fd12::1]:5000', 'http://[fd12::1]:5001/', false],
    ['0.0.1', 'http://10.0.0.1/', false],
    ['10.0.0.0/8', 'http://ten.example/', false],
  ];
  for (const [none, url, excepted] of cases) assert.equal(isExcepted(new URL(url), none), excepted, `${none} ${url}`);
});

test('whatever NO_PROXY holds is an answer, and a host that stands in it is excepted', () => {
  const url = new URL('https://registry.example:5000/');
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      assert.equal(typeof isExcepted(url, before), 'boolean');
      assert.ok(isExcepted(url, `${before},registry.example,${after}`));
    }),
  );
});
