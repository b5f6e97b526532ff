import { asArray, asNumber, asObject, asString, asStrings, type JsonValue } from '../formats/index.js';
import { omitEmpty, type GoValue } from './go-json.js';
import { goTime, zeroTime } from './go-time.js';

/**
 * The image config with the members that Trivy's JSON knows, in its order; others are left out. `created` is always
 * there, in the history too: a time that was never set prints as year 1.
 */
export function imageConfigMember(config: unknown): GoValue {
  const source = asObject(config as JsonValue) ?? {};
  const rootfs = asObject(source['rootfs']) ?? {};
  return {
    architecture: asString(source['architecture']) ?? '',
    ...omitEmpty({ author: asString(source['author']), container: asString(source['container']) }),
    created: timeOf(source['created']),
    ...omitEmpty({
      docker_version: asString(source['docker_version']),
      history: (asArray(source['history']) ?? []).map(historyEntry),
    }),
    os: asString(source['os']) ?? '',
    rootfs: {
      type: asString(rootfs['type']) ?? '',
      diff_ids: asStrings(rootfs['diff_ids']) ?? null,
    },
    config: runtimeConfig(source['config']),
    ...omitEmpty({
      'os.version': asString(source['os.version']),
      variant: asString(source['variant']),
      'os.features': asStrings(source['os.features']),
    }),
  };
}

function historyEntry(value: JsonValue): GoValue {
  const entry = asObject(value) ?? {};
  return {
    ...omitEmpty({ author: asString(entry['author']) }),
    created: timeOf(entry['created']),
    ...omitEmpty({
      created_by: asString(entry['created_by']),
      comment: asString(entry['comment']),
      empty_layer: isTrue(entry['empty_layer']),
    }),
  };
}

function runtimeConfig(value: JsonValue | undefined): GoValue {
  const source = asObject(value) ?? {};
  return omitEmpty({
    AttachStderr: isTrue(source['AttachStderr']),
    AttachStdin: isTrue(source['AttachStdin']),
    AttachStdout: isTrue(source['AttachStdout']),
    Cmd: asStrings(source['Cmd']),
    Healthcheck: healthcheck(source['Healthcheck']),
    Domainname: asString(source['Domainname']),
    Entrypoint: asStrings(source['Entrypoint']),
    Env: asStrings(source['Env']),
    Hostname: asString(source['Hostname']),
    Image: asString(source['Image']),
    Labels: labels(source['Labels']),
    OnBuild: asStrings(source['OnBuild']),
    OpenStdin: isTrue(source['OpenStdin']),
    StdinOnce: isTrue(source['StdinOnce']),
    Tty: isTrue(source['Tty']),
    User: asString(source['User']),
    Volumes: names(source['Volumes']),
    WorkingDir: asString(source['WorkingDir']),
    ExposedPorts: names(source['ExposedPorts']),
    ArgsEscaped: isTrue(source['ArgsEscaped']),
    NetworkDisabled: isTrue(source['NetworkDisabled']),
    MacAddress: asString(source['MacAddress']),
    StopSignal: asString(source['StopSignal']),
    Shell: asStrings(source['Shell']),
  });
}

function healthcheck(value: JsonValue | undefined): GoValue {
  const source = asObject(value);
  if (!source) return undefined;
  return omitEmpty({
    Test: asStrings(source['Test']),
    Interval: asNumber(source['Interval']),
    Timeout: asNumber(source['Timeout']),
    StartPeriod: asNumber(source['StartPeriod']),
    Retries: asNumber(source['Retries']),
  });
}

function labels(value: JsonValue | undefined): ReadonlyMap<string, GoValue> {
  const texts = Object.entries(asObject(value) ?? {}).flatMap(([key, item]) =>
    typeof item === 'string' ? [[key, item] as const] : [],
  );
  return new Map(texts);
}

/** A set, written as an object whose members are empty. */
function names(value: JsonValue | undefined): ReadonlyMap<string, GoValue> {
  return new Map(Object.keys(asObject(value) ?? {}).map((name) => [name, {}]));
}

function timeOf(value: JsonValue | undefined): string {
  return goTime(asString(value)) ?? zeroTime;
}

function isTrue(value: JsonValue | undefined): boolean {
  return value === true;
}
