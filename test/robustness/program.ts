import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { repoPath } from '../support/paths.js';

export const program = repoPath('dist', 'cli.js');

/** What a test says when it skips for want of the built program. */
export const notBuilt = existsSync(program) ? false : 'dist/cli.js is not built';

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another program than the built one. */
  readonly program?: string;
  /** Bytes for its standard input. */
  readonly stdin?: Uint8Array;
  /** Killed with SIGKILL after this many milliseconds. */
  readonly killAfterMs?: number;
  /** Limit for the memory of its JavaScript heap. */
  readonly heapMegabytes?: number;
}

/** Runs the built program to its end. */
export async function tidewaiter(commandLine: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const heap = options.heapMegabytes ? [`--max-old-space-size=${options.heapMegabytes}`] : [];
  const child = spawn(process.execPath, [...heap, options.program ?? program, ...commandLine], {
    cwd: options.cwd,
    // Nobody is asked for a database, unless that is what the test is about.
    env: { PATH: process.env['PATH'] ?? '', TIDEWAITER_SKIP_DB_UPDATE: 'true', ...options.env },
    stdio: [options.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.stdin);
  const timer =
    options.killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), options.killAfterMs);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearTimeout(timer);
  return { exitCode, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') };
}
