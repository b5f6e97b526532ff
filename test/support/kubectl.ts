import { spawnSync } from 'node:child_process';
import { findProgram } from './real-registry.js';

/** The real kubectl: `TIDEWAITER_KUBECTL`, or on the path, or in the folder of peers. Nothing where there is none. */
export function findKubectl(): string | undefined {
  return process.env['TIDEWAITER_KUBECTL'] || findProgram('kubectl');
}

export interface KubectlAnswer {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it where it finds no cluster and no configuration. */
export function runKubectl(kubectl: string, words: readonly string[], cwd: string): KubectlAnswer {
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd };
  const { status, stdout, stderr } = spawnSync(kubectl, words, { cwd, env, encoding: 'utf8', timeout: 30_000 });
  return { exitCode: status, stdout, stderr };
}
