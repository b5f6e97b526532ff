import { asObject, type JsonObject, type JsonValue } from '../formats/index.js';
import { type FaultList, quote, told, type Place } from './fault.js';
import type { FaultId } from './kinds/index.js';
import { nearest } from './nearest.js';
import type { LocatedDocument } from './source-file.js';

/** What stands under `imagePolicy`, with the defaults of the API server where nothing stands. */
export interface ImagePolicy {
  /** As it is written. */
  readonly kubeConfigFile: { readonly text: string; readonly place: Place } | undefined;
  /** 0: not kept. */
  readonly allowTtlSeconds: number;
  readonly denyTtlSeconds: number;
  readonly retryBackoffMs: number;
  readonly defaultAllow: boolean;
  readonly place: Place;
}

const settingNames = ['kubeConfigFile', 'allowTTL', 'denyTTL', 'retryBackoff', 'defaultAllow'] as const;
type SettingName = (typeof settingNames)[number];

interface Found {
  readonly value: JsonValue;
  readonly place: Place;
}

/**
 * Reads the plugin's configuration as the API server does: unknown keys are passed over, keys count without regard to case.
 * Both are told to `faults`, as is every value that it would not take.
 */
export function readImagePolicy(document: LocatedDocument, faults: FaultList): ImagePolicy | undefined {
  const root = asObject(document.value);
  const key = root && keyLike(root, 'imagePolicy');
  if (root === undefined || key === undefined) {
    reportMissing(document, root, faults);
    return undefined;
  }
  const place = document.at([key]);
  if (key !== 'imagePolicy') faults.add('setting-spelling', place, { what: `${quote(key)} is spelt imagePolicy` });
  const policy = asObject(root[key]);
  if (policy === undefined && root[key] !== null) {
    faults.add('configuration-field-type', place, { what: `imagePolicy is ${told(root[key])}, not a mapping` });
    return undefined;
  }
  if (policy === undefined) {
    const beside = settingNames.some((name) => keyLike(root, name) !== undefined);
    faults.add(beside ? 'image-policy-indentation' : 'image-policy-missing', place, {
      what: beside ? 'imagePolicy is empty and its settings stand beside it' : 'imagePolicy is empty',
    });
    return undefined;
  }
  const found = settingsOf(document.below([key], policy), policy, faults);
  const defaultAllow = readDefaultAllow(found.get('defaultAllow'), faults);
  return {
    kubeConfigFile: readKubeConfigFile(found.get('kubeConfigFile'), place, faults),
    allowTtlSeconds: readTtl('allowTTL', found.get('allowTTL'), { unset: 300, faults }),
    denyTtlSeconds: readTtl('denyTTL', found.get('denyTTL'), { unset: 30, faults }),
    retryBackoffMs: readBackoff(found.get('retryBackoff'), faults),
    defaultAllow,
    place,
  };
}

function reportMissing(document: LocatedDocument, root: JsonObject | undefined, faults: FaultList): void {
  if (root?.['kind'] === 'AdmissionConfiguration') {
    faults.add('image-policy-missing', document.at(['kind']), {
      what: 'the file that path names is an AdmissionConfiguration itself',
      fix: 'write imagePolicy: alone into the second file, or put it under configuration in the first',
    });
    return;
  }
  const other = Object.keys(root ?? {}).find((key) => /image.?polic/i.test(key));
  const what = other === undefined ? 'imagePolicy is missing' : `${quote(other)} stands where imagePolicy should`;
  faults.add('image-policy-missing', document.at(other === undefined ? [] : [other]), { what });
}

/** The key that the API server would take for the name: the exact one, else one that differs in case only. */
function keyLike(object: JsonObject, name: string): string | undefined {
  if (name in object) return name;
  return Object.keys(object).find((key) => key.toLowerCase() === name.toLowerCase());
}

function settingsOf(document: LocatedDocument, policy: JsonObject, faults: FaultList): ReadonlyMap<SettingName, Found> {
  const found = new Map<SettingName, Found>();
  for (const [key, value] of Object.entries(policy)) {
    const name = settingNames.find((one) => one.toLowerCase() === key.toLowerCase());
    const place = document.at([key]);
    if (name === undefined) {
      const meant = nearest(key, settingNames);
      faults.add('setting-unknown', place, {
        what: `${quote(key)} is none of the settings and is passed over`,
        fix: meant === undefined ? undefined : `write ${meant}`,
      });
      continue;
    }
    if (name !== key) faults.add('setting-spelling', place, { what: `${quote(key)} is spelt ${name}` });
    if (value !== null) found.set(name, { value, place });
  }
  return found;
}

function readKubeConfigFile(found: Found | undefined, around: Place, faults: FaultList): ImagePolicy['kubeConfigFile'] {
  if (found === undefined || found.value === '') {
    faults.add('kubeconfig-not-named', found?.place ?? around, {
      what: found === undefined ? 'kubeConfigFile is missing' : 'kubeConfigFile is empty',
    });
    return undefined;
  }
  if (typeof found.value === 'object') {
    faults.add('configuration-field-type', found.place, { what: 'kubeConfigFile is no text' });
    return undefined;
  }
  // Numbers and truth values are read as the text that they are written as.
  return { text: String(found.value), place: found.place };
}

const longTtlSeconds = 300;

function readTtl(
  name: string,
  found: Found | undefined,
  { unset, faults }: { readonly unset: number; readonly faults: FaultList },
): number {
  const value = wholeNumber(name, found, { id: 'ttl-type', unit: 'seconds', perSecond: 1 }, faults);
  if (found === undefined || value === undefined || value === 0) return unset;
  if (value === -1) return 0;
  if (value < 1 || value > 1800) {
    faults.add('ttl-range', found.place, { what: `${name} is ${value}` });
    return unset;
  }
  if (value > longTtlSeconds) faults.add('ttl-long', found.place, { what: `${name} is ${value} seconds` });
  return value;
}

/** Five tries with waits that grow by half each time come to more than 34 seconds from here on. */
const hopelessBackoffMs = 4_200;

function readBackoff(found: Found | undefined, faults: FaultList): number {
  const value = wholeNumber(
    'retryBackoff',
    found,
    { id: 'backoff-type', unit: 'milliseconds', perSecond: 1000 },
    faults,
  );
  if (found === undefined || value === undefined || value === 0) return 500;
  if (value === -1) return 0;
  if (value < 1 || value > 300_000) {
    faults.add('backoff-range', found.place, { what: `retryBackoff is ${value}` });
    return 500;
  }
  if (value >= hopelessBackoffMs) faults.add('backoff-long', found.place, { what: `retryBackoff is ${value} ms` });
  return value;
}

/** The number of a duration; for `5m` the fault says what it would be in the unit that counts. */
function wholeNumber(
  name: string,
  found: Found | undefined,
  { id, unit, perSecond }: { readonly id: FaultId; readonly unit: string; readonly perSecond: number },
  faults: FaultList,
): number | undefined {
  if (found === undefined) return undefined;
  const { value, place } = found;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  const written = typeof value === 'string' ? quote(value) : JSON.stringify(value).slice(0, 60);
  const meant = typeof value === 'string' ? secondsIn(value) : undefined;
  faults.add(id, place, {
    what: `${name} is ${written}`,
    fix: meant === undefined ? undefined : `write ${Math.round(meant * perSecond)}, a whole number of ${unit}`,
  });
  return undefined;
}

const secondsPer: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

function secondsIn(text: string): number | undefined {
  const match = /^\s*(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|m|h)?\s*$/.exec(text);
  const [, number, unit] = match ?? [];
  if (number === undefined) return undefined;
  // A bare number in quotes has the unit of the field already.
  return unit === undefined ? undefined : Number(number) * (secondsPer[unit] ?? 1);
}

function readDefaultAllow(found: Found | undefined, faults: FaultList): boolean {
  if (found === undefined) return false;
  const { value, place } = found;
  if (typeof value !== 'boolean') {
    const written = typeof value === 'string' ? quote(value) : JSON.stringify(value).slice(0, 60);
    faults.add('default-allow-type', place, { what: `defaultAllow is ${written}` });
    return false;
  }
  if (value) faults.add('default-allow', place, { what: 'defaultAllow is true' });
  return value;
}
