import { join } from 'node:path';
import type { FileRules } from './match-auths.js';

/** Variables of a process by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A file that may hold credentials. */
export interface CredentialFile {
  readonly path: string;
  readonly rules: FileRules;
  /** The user named it: that it is missing or broken is an error then. */
  readonly named: boolean;
  /** For people: `docker config /root/.docker/config.json`. */
  readonly origin: string;
}

/** The files in which docker, podman, skopeo and buildah keep credentials, in the order in which they are asked. */
export function credentialFiles(environment: Environment): readonly CredentialFile[] {
  const files: CredentialFile[] = [];
  const named = environment.REGISTRY_AUTH_FILE;
  if (named) files.push({ path: named, rules: 'containers', named: true, origin: `REGISTRY_AUTH_FILE ${named}` });
  else {
    for (const path of containersFiles(environment)) {
      files.push({ path, rules: 'containers', named: false, origin: `containers auth ${path}` });
    }
  }
  const docker = dockerConfigPath(environment);
  if (docker !== undefined)
    files.push({ path: docker, rules: 'docker', named: false, origin: `docker config ${docker}` });
  return files;
}

/** docker's own file; nothing when there is no home. */
export function dockerConfigPath(environment: Environment): string | undefined {
  if (environment.DOCKER_CONFIG) return join(environment.DOCKER_CONFIG, 'config.json');
  const home = homeOf(environment);
  return home === undefined ? undefined : join(home, '.docker', 'config.json');
}

function containersFiles(environment: Environment): readonly string[] {
  const home = homeOf(environment);
  const runtime = environment.XDG_RUNTIME_DIR || (home === undefined ? undefined : runtimeFallback());
  const config = environment.XDG_CONFIG_HOME || (home === undefined ? undefined : join(home, '.config'));
  const first = environment.XDG_RUNTIME_DIR && runtime ? join(runtime, 'containers', 'auth.json') : runtime;
  const second = config === undefined ? undefined : join(config, 'containers', 'auth.json');
  return [...new Set([first, second])].filter((path) => path !== undefined);
}

/** Where podman writes when the session has no folder of its own. */
function runtimeFallback(): string | undefined {
  const user = process.platform === 'linux' ? process.getuid?.() : undefined;
  return user === undefined ? undefined : `/run/containers/${user}/auth.json`;
}

function homeOf(environment: Environment): string | undefined {
  return environment.HOME || environment.USERPROFILE || undefined;
}
