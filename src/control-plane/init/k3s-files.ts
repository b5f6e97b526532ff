import { asArray, asObject, asString, readYamlStream, type JsonObject, type JsonValue } from '../../formats/index.js';
import { ControlPlaneError } from '../errors.js';
import { apiServerFlags, usualLists, type PresentLists } from './api-server-files.js';
import { setupName, type NamedText, type SetupPlan } from './setup-plan.js';

/** Folder of further files of configuration; ours is `image-admission.yaml` there. */
export const k3sConfigurationFile = '/etc/rancher/k3s/config.yaml';
export const k3sOwnFile = `${setupName}.yaml`;
const key = 'kube-apiserver-arg';

/** What decides how k3s starts its API server. */
export interface K3sFiles {
  /** `config.yaml` and the files of `config.yaml.d` in the order of their names, without ours. */
  readonly configurations: readonly NamedText[];
  /** The unit of systemd, whose command line has the last word. */
  readonly unit: NamedText | undefined;
}

/** What an API server of k3s has already. */
export interface PresentK3s extends PresentLists {
  /** Path of the AdmissionConfiguration that it reads. */
  readonly configuration: string | undefined;
}

/**
 * Reads what is given to the API server of k3s, as k3s does: a later file replaces what an earlier one says, unless its key
 * ends with `+`; a list that is given takes the place of k3s' own.
 * @throws ControlPlaneError `NOT_EDITABLE`: what a file of ours would say cannot hold
 */
export function readK3s({ configurations, unit }: K3sFiles): PresentK3s {
  if (unit !== undefined && unit.text.includes(`--${key}`)) {
    throw cannotHold(`the command line in ${unit.path} has --${key}, which replaces what files say`);
  }
  let words: readonly string[] = [];
  for (const { path, text } of configurations) {
    const isLater = (path.split('/').at(-1) ?? '') > k3sOwnFile && path !== k3sConfigurationFile;
    for (const [name, value] of Object.entries(readConfiguration(text, path))) {
      if (name !== key && name !== `${key}+`) continue;
      const own = wordsOf(value);
      if (isLater && name === key) throw cannotHold(`${path} is read later and replaces every ${key} before it`);
      if (isLater && valuesOf(own, 'admission-control-config-file').length > 0) {
        throw cannotHold(`${path} is read later and names another admission-control-config-file`);
      }
      words = name === key ? own : [...words, ...own];
    }
  }
  const listed = (flag: string): readonly string[] =>
    valuesOf(words, flag)
      .flatMap((one) => one.split(','))
      .filter((one) => one !== '');
  const plugins = listed('enable-admission-plugins');
  return {
    plugins: [...new Set([...usualLists.plugins, ...plugins])],
    featureGates: listed('feature-gates'),
    configuration: valuesOf(words, 'admission-control-config-file').at(-1),
  };
}

/** A file of `config.yaml.d` of k3s; `+` adds to what other files say. */
export function k3sConfiguration(plan: SetupPlan, present: PresentLists = usualLists): JsonObject {
  return { [`${key}+`]: apiServerFlags(plan, present).map(([name, value]) => `${name}=${value}`) };
}

function readConfiguration(text: string, path: string): JsonObject {
  const [part, ...more] = [...readYamlStream(text)].filter((one) => one.kind !== 'empty');
  if (part === undefined) return {};
  const object = part.kind === 'document' ? asObject(part.value) : undefined;
  if (object === undefined || more.length > 0) throw cannotHold(`${path} is not one mapping of YAML`);
  return object;
}

function wordsOf(value: JsonValue | undefined): readonly string[] {
  const words = asArray(value) ?? [value ?? ''];
  return words.flatMap((one) => asString(one) ?? []);
}

/** Values of a flag, written with or without `--`, and with the `+` or `-` that adds to k3s' own. */
function valuesOf(words: readonly string[], flag: string): readonly string[] {
  return words.flatMap((word) => {
    const at = word.indexOf('=');
    const name = word
      .slice(0, at < 0 ? undefined : at)
      .replace(/^--/, '')
      .replace(/[-+]$/, '');
    return name === flag && at >= 0 ? [word.slice(at + 1)] : [];
  });
}

function cannotHold(why: string): ControlPlaneError {
  return new ControlPlaneError('NOT_EDITABLE', `the API server of k3s cannot be given its flags: ${why}`, {
    hint: `put all of ${key} into ${k3sConfigurationFile}, which is read first, and run this again`,
  });
}
