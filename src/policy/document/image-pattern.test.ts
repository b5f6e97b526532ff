import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { parseReference } from '../../reference/index.js';
import { fitsImage, parseImagePattern, type ImagePattern, type PatternUse } from './image-pattern.js';

/** entry, image, granted, refused */
const table: readonly (readonly [string, string, boolean, boolean])[] = [
  ['docker.io/mycompany', 'mycompany/x', true, true],
  ['docker.io/mycompany', 'mycompanyevil/x', false, false],
  ['docker.io/mycompany', 'docker.io/mycompany/a/b:1', true, true],
  ['docker.io/library', 'nginx', true, true],
  ['docker.io/library', 'library/nginx', true, true],
  ['docker.io/library', 'libraryx/nginx', false, false],
  ['docker.io', 'nginx', true, true],
  ['docker.io', 'DOCKER.IO/library/nginx', false, true],
  ['docker.io', 'docker.io:443/library/nginx', false, false],
  ['docker.io', 'registry-1.docker.io/library/nginx', false, false],
  ['docker.io', 'docker.io.evil.com/library/nginx', false, false],
  ['index.docker.io/library', 'nginx', true, true],
  ['index.docker.io/library', 'index.docker.io/nginx', true, true],
  ['docker.io', 'INDEX.DOCKER.IO/x', false, true],
  ['docker.io/nginx', 'nginx', false, false],
  ['quay.io/team', 'quay.io/team:1', true, true],
  ['quay.io/team', `quay.io/team@sha256:${'a'.repeat(64)}`, true, true],
  ['quay.io/team', 'quay.io/teams:1', false, false],
  ['quay.io/team', 'quay.io/team-x/y:1', false, false],
  ['quay.io/team', 'quay.io/team.x/y:1', false, false],
  ['quay.io/team', 'quay.io/team/x/y/z', true, true],
  ['quay.io/team', 'quay.io/x/team', false, false],
  ['registry.io', 'registry.io/x', true, true],
  ['registry.io', 'registry.io.evil.com/x', false, false],
  ['registry.io', 'registry.io:5000/x', false, false],
  ['registry.io', 'evil.com/registry.io/x', false, false],
  ['registry.io', 'registry.io', false, false],
  ['registry.io', 'xregistry.io/x', false, false],
  ['registry.io', 'a.registry.io/x', false, false],
  ['registry.io:5000', 'registry.io:5000/x', true, true],
  ['registry.io:5000', 'registry.io/x', false, false],
  ['registry.io:5000', 'registry.io:50000/x', false, false],
  ['registry.good', 'REGISTRY.GOOD/x', false, true],
  ['REG.IO', 'REG.IO/x', true, true],
  ['REG.IO', 'reg.io/x', false, true],
  ['localhost', 'localhost/x', true, true],
  ['localhost', 'localhost:5000/x', false, false],
  ['localhost:5000', 'localhost:5000/x', true, true],
  ['[::1]', '[::1]/x', true, true],
  ['[::1]:5000', '[::1]:5000/x', true, true],
  ['[::1]', '[::1]:5000/x', false, false],
  ['*.example.com', 'a.example.com/x', true, true],
  ['*.example.com', 'example.com/x', false, false],
  ['*.example.com', 'a.b.example.com/x', false, false],
  ['*.example.com', 'a.example.com.evil.io/x', false, false],
  ['*.example.com', 'a.example.com:5000/x', false, false],
  ['*.example.com', 'evil.io/a.example.com/x', false, false],
  ['*.example.com', 'A.EXAMPLE.COM/x', false, true],
  ['*.example.com/**', 'a.example.com/x/y/z:1', true, true],
  ['*.example.com/team', 'a.example.com/team/x', true, true],
  ['*.example.com/team', 'a.example.com/teams/x', false, false],
  ['*.example.com:8443', 'a.example.com:8443/x', true, true],
  ['*.*.example.com', 'a.b.example.com/x', true, true],
  ['reg-*.example.com', 'reg-1.example.com/x', true, true],
  ['reg-*.example.com', 'reg-1.evil.example.com/x', false, false],
  ['*:5000', 'registry:5000/x', true, true],
  ['*:5000', 'a.b:5000/x', false, false],
  ['reg.io/team-*', 'reg.io/team-a', true, true],
  ['reg.io/team-*', 'reg.io/team-a/x', false, false],
  ['reg.io/team-*/**', 'reg.io/team-a/x/y', true, true],
  ['reg.io/*', 'reg.io/x', true, true],
  ['reg.io/*', 'reg.io/x/y', false, false],
  ['reg.io/*/app', 'reg.io/x/app', true, true],
  ['reg.io/*/app', 'reg.io/x/y/app', false, false],
  ['reg.io/**/app', 'reg.io/x/y/app', true, true],
  ['reg.io/**/app', 'reg.io/app', true, true],
  ['reg.io/**/app', 'reg.io/x/myapp', false, false],
  ['reg.io/**', 'reg.io/x', true, true],
  ['reg.io/a/**', 'reg.io/a', true, true],
  ['reg.io/a/**', 'reg.io/ab/c', false, false],
  ['docker.io/*/nginx', 'bitnami/nginx', true, true],
  ['docker.io/*/nginx', 'nginx', true, true],
  ['*.io/**', '[::1]/x', false, false],
];

test('an entry fits on the borders of labels and segments, and nowhere else', () => {
  for (const [entry, image, granted, refused] of table) {
    const reference = parseReference(image);
    const fits = (use: PatternUse): boolean => fitsImage(pattern(entry), reference, use);
    assert.deepEqual([fits('grant'), fits('refuse')], [granted, refused], `${entry} and ${image}`);
  }
});

const wrong = [
  '',
  ' reg.io',
  'reg.io ',
  'reg.io\n',
  'reg.io/',
  'reg.io/team/',
  'https://reg.io',
  'user@reg.io',
  'reg.io/x:1',
  'reg.io/x:latest',
  `reg.io/x@sha256:${'a'.repeat(64)}`,
  'reg.io/Team',
  'reg.io//x',
  'reg.io/../x',
  'reg.io/_x',
  'reg_x.io',
  'reg..io',
  'reg.io.',
  'reg.io:',
  'reg.io:x',
  'reg.io:*',
  '/x',
  'nginx',
  'bitnami/nginx',
  '*',
  '*/x',
  '**',
  '**.io',
  'a**.io/x',
  '*x',
  'reg.io/a**',
  'reg.io/***',
  'reg.io/{a,b}',
  'reg.io/[ab]',
  'reg.io/a?',
  'reg.io/a\\b',
  '[*]:5000/x',
  'docker.io/*',
  'docker.io/nginx*',
  'index.docker.io/*',
  'reg.io/é',
  'a\u202eb.io',
  'r'.repeat(1001),
  `reg.io/${'a'.repeat(256)}`,
];

test('an entry that is none, or could never fit, is told', () => {
  for (const entry of wrong) {
    const read = parseImagePattern(entry);
    assert.ok('problem' in read, JSON.stringify(entry));
    assert.ok(read.problem.length > 0);
  }
});

const segment = fc.stringMatching(/^[a-z0-9]{1,3}(?:[-._][a-z0-9]{1,2})?$/);
const host = fc
  .tuple(segment, fc.constantFrom('.io', '.example.com', '.io:5000'))
  .map(([a, end]) => `${a.replaceAll(/[_.]/g, '')}${end}`);
const repository = fc.array(segment, { minLength: 1, maxLength: 4 });

test('a literal entry fits exactly what begins with it and goes on at a border', () => {
  fc.assert(
    fc.property(host, repository, host, repository, fc.nat(4), (h1, path, h2, other, cut) => {
      const entry = [h1, ...path.slice(0, cut)].join('/');
      for (const [imageHost, imagePath] of [
        [h1, path],
        [h2, other],
        [h1, other],
        [h2, path],
      ] as const) {
        const name = [imageHost, ...imagePath].join('/');
        const wanted = name === entry || name.startsWith(`${entry}/`);
        assert.equal(fitsImage(pattern(entry), parseReference(name), 'grant'), wanted, `${entry} and ${name}`);
      }
    }),
    { numRuns: 500 },
  );
});

test('characters put behind an entry never make another image fit', () => {
  fc.assert(
    fc.property(host, repository, segment, (h, path, extra) => {
      const entry = [h, ...path].join('/');
      const names = [
        `${entry}${extra}`,
        `${entry}-${extra}`,
        `${h}.${extra.replaceAll(/[_.]/g, '')}/${path.join('/')}`,
      ];
      for (const name of names) {
        let reference: ReturnType<typeof parseReference>;
        try {
          reference = parseReference(name);
        } catch {
          continue;
        }
        assert.equal(fitsImage(pattern(entry), reference, 'grant'), false, `${entry} and ${name}`);
      }
    }),
    { numRuns: 300 },
  );
});

test('whatever stands in an entry, it is read in an instant or told', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const read = parseImagePattern(text);
      if (!('problem' in read)) assert.equal(typeof fitsImage(read, parseReference('a.b/c'), 'refuse'), 'boolean');
    }),
  );
  const stars = `reg.io/${'a*/'.repeat(300)}a`;
  const read = parseImagePattern(stars);
  if (!('problem' in read)) fitsImage(read, parseReference(`reg.io/${'a/'.repeat(120)}a`), 'grant');
});

function pattern(entry: string): ImagePattern {
  const read = parseImagePattern(entry);
  if ('problem' in read) throw new Error(`${entry} ${read.problem}`);
  return read;
}
