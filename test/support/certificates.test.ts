import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import test from 'node:test';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { makeAuthority } from './certificates.js';

test('an issued certificate is taken by who trusts its authority, for each of its names', async () => {
  const authority = await makeAuthority();
  const { cert, key } = await authority.issue({ names: ['localhost', '127.0.0.1', '::1'] });
  const own = new X509Certificate(cert);
  assert.ok(own.verify(new X509Certificate(authority.pem).publicKey));
  assert.equal(own.checkHost('localhost'), 'localhost');
  assert.equal(own.checkIP('127.0.0.1'), '127.0.0.1');
  const server = createServer({ cert, key }, (socket) => socket.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, ca: authority.pem });
  const [text] = (await once(socket, 'data')) as [Buffer];
  assert.equal(text.toString(), 'hello');
  socket.destroy();
  server.close();
});

test('an expired one is expired, and one for clients says so', async () => {
  const authority = await makeAuthority();
  const expired = new X509Certificate((await authority.issue({ names: ['localhost'], expired: true })).cert);
  assert.ok(Date.parse(expired.validTo) < Date.now());
  const client = new X509Certificate((await authority.issue({ names: [], client: true, commonName: 'me' })).cert);
  assert.match(client.subject, /CN=me/);
  assert.deepEqual(client.keyUsage, ['1.3.6.1.5.5.7.3.2']);
});
