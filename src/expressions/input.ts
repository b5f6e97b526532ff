import type { JsonValue } from '../formats/index.js';
import type { CelType } from './cel-type.js';
import { CelList, CelMessage, CelTimestamp, fromJson, type CelValue } from './value.js';

/** The value of a variable as it is handed in: JSON; a `Date` for a timestamp; members for the fields of a message. */
export type ExpressionInput =
  | JsonValue
  | Date
  | readonly ExpressionInput[]
  | { readonly [field: string]: ExpressionInput | undefined };

/** The value for a variable of a type. Nothing is copied before it is asked for. */
export function fromInput(input: ExpressionInput, type: CelType): CelValue {
  if (input instanceof Date) return CelTimestamp.of(input);
  if (type.kind === 'double' && typeof input === 'number') return input;
  if (type.kind === 'message' && isRecord(input)) {
    return new CelMessage(type, (name, ofField) => {
      const value = Object.hasOwn(input, name) ? input[name] : undefined;
      return value === undefined ? undefined : fromInput(value, ofField);
    });
  }
  if (type.kind === 'list' && isList(input)) {
    return new CelList(input.length, (at) => fromInput(input[at] ?? null, type.of));
  }
  return fromJson(input as JsonValue);
}

function isList(input: ExpressionInput): input is readonly ExpressionInput[] {
  return Array.isArray(input);
}

function isRecord(input: ExpressionInput): input is Readonly<Record<string, ExpressionInput | undefined>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input) && !(input instanceof Date);
}
