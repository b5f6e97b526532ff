import assert from 'node:assert/strict';
import test from 'node:test';
import { InvalidReferenceError } from '../reference/index.js';
import { AdvisoryError } from './errors.js';
import { defaultDatabaseSources, parseDatabaseSource } from './update-source.js';

test('update source: a repository without a tag gets the schema version, one with a digest is used as it is', () => {
  const name = (text: string): string => parseDatabaseSource(text).name;
  const digest = `sha256:${'0'.repeat(64)}`;
  assert.equal(name('registry.example.com/mirror/trivy-db'), 'registry.example.com/mirror/trivy-db:2');
  assert.equal(name('localhost:5000/db'), 'localhost:5000/db:2');
  assert.equal(name('localhost:5000/db:latest'), 'localhost:5000/db:latest');
  assert.equal(name('localhost:5000/db:1'), 'localhost:5000/db:1');
  assert.equal(name(`localhost:5000/db@${digest}`), `localhost:5000/db@${digest}`);
  assert.equal(name(`localhost:5000/db:3@${digest}`), `localhost:5000/db:3@${digest}`);
  assert.equal(name('trivy-db'), 'docker.io/library/trivy-db:2');
  assert.deepEqual(defaultDatabaseSources.map(name), defaultDatabaseSources);
});

test('update source: addresses are files, or folders where they end in a slash or name the file in one', () => {
  const file = parseDatabaseSource('https://files.example.com/a/db.tar.gz?signature=secret#part');
  assert.deepEqual([file.kind, file.name], ['file', 'https://files.example.com/a/db.tar.gz']);
  assert.ok(file.kind === 'file' && file.url.search === '?signature=secret' && file.url.hash === '');
  assert.equal(parseDatabaseSource('HTTP://files.example.com/a/').kind, 'folder');
  const folder = parseDatabaseSource('https://files.example.com/a/trivy.db');
  assert.deepEqual([folder.kind, folder.name], ['folder', 'https://files.example.com/a/']);
});

test('update source: what is neither is refused, and a password is never repeated', () => {
  const refused = (text: string): AdvisoryError => {
    try {
      parseDatabaseSource(text);
    } catch (thrown) {
      assert.ok(thrown instanceof AdvisoryError, text);
      assert.equal(thrown.code, 'INVALID_ADDRESS');
      return thrown;
    }
    return assert.fail(text);
  };
  assert.doesNotMatch(refused('https://user:hunter2@files.example.com/db.tar.gz').message, /hunter2|user:/);
  assert.doesNotMatch(refused('https://user:hunter2@:0:/').message, /hunter2/);
  refused('https://');
  for (const file of ['./db.tar.gz', '../db.tar.gz', '/srv/db.tar.gz', 'file:///srv/db.tar.gz']) {
    assert.match(refused(file).hint ?? '', /db import/);
  }
  assert.throws(() => parseDatabaseSource('Registry/UPPER'), InvalidReferenceError);
});
