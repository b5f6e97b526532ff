import assert from 'node:assert/strict';
import test from 'node:test';
import { unifiedHunks } from './unified-diff.js';

test('context reaches past the region that is compared', () => {
  const before = 'a\nb\n---\nc\nd\n';
  const after = 'a\nB\n---\nc\nd\n';
  const hunks = unifiedHunks(before, after, [{ oldStart: 0, oldEnd: 2, newStart: 0, newEnd: 2 }]);
  assert.deepEqual(hunks, ['@@ -1,5 +1,5 @@\n a\n-b\n+B\n ---\n c\n d\n']);
});

test('changes of neighbouring regions share a hunk', () => {
  const before = 'a\n---\nb';
  const after = 'a\nx\n---\nb\ny';
  const hunks = unifiedHunks(before, after, [
    { oldStart: 0, oldEnd: 1, newStart: 0, newEnd: 2 },
    { oldStart: 2, oldEnd: 3, newStart: 3, newEnd: 5 },
  ]);
  assert.deepEqual(hunks, [
    '@@ -1,3 +1,5 @@\n a\n+x\n ---\n-b\n\\ No newline at end of file\n+b\n+y\n\\ No newline at end of file\n',
  ]);
});

test('equal texts have no hunks', () => {
  assert.deepEqual(unifiedHunks('a\n', 'a\n', [{ oldStart: 0, oldEnd: 1, newStart: 0, newEnd: 1 }]), []);
});
