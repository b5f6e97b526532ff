import { asObject, asString, type JsonValue } from '../formats/index.js';
import type { Digest, Platform } from '../reference/index.js';
import { digestField, invalid, optionalText, sizeField } from './fields.js';

/** Names a blob by its digest and says what it is. https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** In indexes: what the image is made for. */
  readonly platform?: Platform | undefined;
  /** Those annotations whose value is a text. */
  readonly annotations: ReadonlyMap<string, string>;
  readonly artifactType?: string | undefined;
}

/** @throws FormatError `INVALID` when digest or size is missing or malformed; errors name the descriptor by `what` */
export function readDescriptor(value: JsonValue | undefined, what: string): Descriptor {
  const fields = asObject(value);
  if (!fields) throw invalid(what, 'is no descriptor');
  return {
    mediaType: asString(fields['mediaType']) ?? '',
    digest: digestField(fields['digest'], what),
    sizeBytes: sizeField(fields['size'], what),
    platform: readPlatform(fields['platform']),
    annotations: readAnnotations(fields['annotations']),
    artifactType: optionalText(fields['artifactType']),
  };
}

/** The texts of an annotations object; anything else in it is left out. */
export function readAnnotations(value: JsonValue | undefined): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [key, text] of Object.entries(asObject(value) ?? {})) {
    if (typeof text === 'string') texts.set(key, text);
  }
  return texts;
}

function readPlatform(value: JsonValue | undefined): Platform | undefined {
  const fields = asObject(value);
  const os = optionalText(fields?.['os']);
  const architecture = optionalText(fields?.['architecture']);
  if (!fields || os === undefined || architecture === undefined) return undefined;
  return { os, architecture, variant: optionalText(fields['variant']), osVersion: optionalText(fields['os.version']) };
}
