import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The real kubectl: `TIDEWAITER_KUBECTL`, or the one beside the API server in `KUBEBUILDER_ASSETS`. What happens to be on
 * the path is not asked: older ones print `creationTimestamp: null`.
 */
export function findKubectl(): string | undefined {
  return process.env['TIDEWAITER_KUBECTL'] || besideApiServer();
}

function besideApiServer(): string | undefined {
  const path = join(process.env['KUBEBUILDER_ASSETS'] ?? '', 'kubectl');
  return process.env['KUBEBUILDER_ASSETS'] && existsSync(path) ? path : undefined;
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
