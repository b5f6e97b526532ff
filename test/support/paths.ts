import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folder of the repository, wherever the bundled tests lie. */
export const repoRoot: string = process.env['TIDEWAITER_REPO'] ?? process.cwd();

/** A path in the repository. */
export function repoPath(...parts: readonly string[]): string {
  return join(repoRoot, ...parts);
}

/** A path in the folder of real data beside the repository, if that folder is here; tests skip when it is not. */
export function sharedPath(...parts: readonly string[]): string | undefined {
  const path = join(repoRoot, '..', 'shared', ...parts);
  return existsSync(path) ? path : undefined;
}

/** What a test says when it skips because the folder of real data is not here. */
export const sharedIsAbsent = '../shared is not here';

/** A new empty folder that goes away when the test ends. */
export function temporaryFolder(test: { after(run: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidewaiter-test-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
