import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../formats/index.js';
import type { ApiServer } from './api-server.js';
import { type FaultList, quote } from './fault.js';
import { readFlags, type Word } from './flags.js';
import { resolvePath } from './host.js';
import type { Mount, MountTable, Volume } from './mounts.js';
import { nearest } from './nearest.js';
import { readDocument, type LocatedDocument } from './source-file.js';

/** Does the text look like a pod's manifest rather than a unit or a command line? */
export function looksLikeManifest(text: string): boolean {
  return /^\s*\{|^["']?(?:kind|apiVersion|spec|metadata)["']?\s*:/m.test(text);
}

/** Reads a static pod's manifest. @returns nothing if it runs no kube-apiserver; why is told to `faults` */
export function readStaticPod(text: string, file: string, faults: FaultList): ApiServer | undefined {
  const document = readDocument(text, file, { empty: 'not-an-api-server' }, faults);
  if (document === undefined) return undefined;
  const spec = asObject(asObject(document.value)?.['spec']);
  const containers = asArray(spec?.['containers']) ?? [];
  const index = containers.findIndex((container) => runsApiServer(asObject(container)));
  const container = asObject(containers[index]);
  if (spec === undefined || container === undefined) {
    faults.add('not-an-api-server', document.at([]), { what: 'no container of the file runs kube-apiserver' });
    return undefined;
  }
  const pod: Pod = { document, spec, container, index };
  const words = wordsOf(pod);
  checkWords(words, faults);
  return {
    kind: 'static pod',
    file,
    place: document.at(['spec', 'containers', index, 'command']),
    flags: readFlags(words),
    workingFolder: asString(container['workingDir']) ?? '/',
    ...identity(pod),
    mounts: readMounts(pod, faults),
    hostAliases: (asArray(spec['hostAliases']) ?? []).flatMap((alias) =>
      (asArray(asObject(alias)?.['hostnames']) ?? []).flatMap((name) => asString(name) ?? []),
    ),
    environment: new Map(
      (asArray(container['env']) ?? []).flatMap((item) => {
        const name = asString(asObject(item)?.['name']);
        return name === undefined ? [] : [[name, asString(asObject(item)?.['value']) ?? ''] as const];
      }),
    ),
    usesClusterDns: asString(spec['dnsPolicy']) === 'ClusterFirstWithHostNet',
  };
}

interface Pod {
  readonly document: LocatedDocument;
  readonly spec: JsonObject;
  readonly container: JsonObject;
  readonly index: number;
}

function runsApiServer(container: JsonObject | undefined): boolean {
  if (container === undefined) return false;
  const command = [...(asArray(container['command']) ?? []), ...(asArray(container['args']) ?? [])];
  if (command.some((word) => /(?:^|[\s/])kube-apiserver(?:\s|$)/.test(asString(word) ?? ''))) return true;
  return asString(container['name']) === 'kube-apiserver';
}

function wordsOf({ document, container, index }: Pod): readonly Word[] {
  return ['command', 'args'].flatMap((field) =>
    (asArray(container[field]) ?? []).flatMap((item, at) => {
      const place = document.at(['spec', 'containers', index, field, at]);
      const text = typeof item === 'string' ? item : JSON.stringify(item);
      return shellWords(text, place);
    }),
  );
}

/** `sh -c "kube-apiserver --a --b"`: the words of the script. */
function shellWords(text: string, place: Word['place']): readonly Word[] {
  if (!/(?:^|\s)(?:\S*\/)?kube-apiserver\s/.test(text)) return [{ text, place }];
  return text
    .split(/[\s\\]+/)
    .filter(Boolean)
    .map((word) => ({ text: word, place }));
}

function checkWords(words: readonly Word[], faults: FaultList): void {
  for (const { text, place } of words) {
    const blank = /^--[a-z0-9_-]+\s+\S/i.exec(text);
    if (blank) faults.add('flag-with-blank', place, { what: `${quote(text)} is one word of the command line` });
  }
}

function identity({ spec, container }: Pod): Pick<ApiServer, 'userId' | 'groupIds'> {
  const own = asObject(container['securityContext']);
  const common = asObject(spec['securityContext']);
  const number = (value: JsonValue | undefined): number | undefined => (typeof value === 'number' ? value : undefined);
  const userId = number(own?.['runAsUser']) ?? number(common?.['runAsUser']);
  const groups = [
    number(own?.['runAsGroup']) ?? number(common?.['runAsGroup']) ?? 0,
    number(common?.['fsGroup']),
    ...(asArray(common?.['supplementalGroups']) ?? []).map(number),
  ];
  return { userId: userId === 0 ? undefined : userId, groupIds: groups.filter((id) => id !== undefined) };
}

function readMounts(pod: Pod, faults: FaultList): MountTable {
  const { document, spec, container, index } = pod;
  const volumes = (asArray(spec['volumes']) ?? []).flatMap((item, at) => readVolume(document, asObject(item), at));
  const mounts: Mount[] = [];
  for (const [at, item] of (asArray(container['volumeMounts']) ?? []).entries()) {
    const mount = asObject(item);
    const mountPath = asString(mount?.['mountPath']);
    if (mount === undefined || mountPath === undefined) continue;
    const name = asString(mount['name']) ?? '';
    const place = document.at(['spec', 'containers', index, 'volumeMounts', at, 'mountPath']);
    const volume = volumes.find((one) => one.name === name);
    if (volume === undefined) {
      const near = nearest(
        name,
        volumes.map((one) => one.name),
      );
      faults.add('volume-unknown', document.at(['spec', 'containers', index, 'volumeMounts', at, 'name']), {
        what: `the volumeMount for ${quote(mountPath)} names the volume ${quote(name)}, which is not there`,
        fix: near === undefined ? undefined : `write name: ${near}, as the volume is called`,
      });
    }
    const path = resolvePath('/', mountPath);
    if (mounts.some((other) => other.mountPath === path)) {
      faults.add('mount-twice', place, { what: `something is already mounted at ${quote(mountPath)}` });
    }
    const readOnly = mount['readOnly'] === true;
    mounts.push({ name, mountPath: path, subPath: asString(mount['subPath']) ?? '', readOnly, place, volume });
  }
  for (const { name, place } of volumes) {
    if (mounts.some((mount) => mount.name === name)) continue;
    faults.add('volume-not-mounted', place, { what: `the volume ${quote(name)} is mounted nowhere` });
  }
  return { mounts, volumes };
}

function readVolume(document: LocatedDocument, volume: JsonObject | undefined, at: number): readonly Volume[] {
  const name = asString(volume?.['name']);
  if (volume === undefined || name === undefined) return [];
  const source = Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir';
  const hostPath = asObject(volume['hostPath']);
  const path = asString(hostPath?.['path']);
  return [
    {
      name,
      source,
      hostPath: path === undefined ? undefined : resolvePath('/', path),
      type: asString(hostPath?.['type']) ?? '',
      place: document.at(['spec', 'volumes', at, ...(path === undefined ? ['name'] : ['hostPath', 'path'])]),
    },
  ];
}
