/** What is known of a value before it is there; `dyn`: nothing. */
export type CelType =
  | { readonly kind: PlainKind | 'dyn' }
  | { readonly kind: 'list'; readonly of: CelType }
  | { readonly kind: 'map'; readonly of: CelType }
  | MessageType;

export type PlainKind =
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'null'
  | 'timestamp'
  | 'duration'
  | 'type';

/** An object with fields of its own; one that is not there is empty if it is a text, and an error otherwise. */
export interface MessageType {
  readonly kind: 'message';
  readonly name: string;
  readonly fields: Readonly<Record<string, CelType>>;
}

/** `list(string)`, `map(dyn)`, `Image`... */
export function typeName(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return type.of.kind === 'dyn' ? 'list' : `list(${typeName(type.of)})`;
    case 'map':
      return 'map';
    case 'message':
      return type.name;
    default:
      return type.kind;
  }
}

export const dyn: CelType = { kind: 'dyn' };

/** Both at once: what is known of either. */
export function joinTypes(a: CelType, b: CelType): CelType {
  if (a.kind === 'list' && b.kind === 'list') return { kind: 'list', of: joinTypes(a.of, b.of) };
  if (a.kind === 'map' && b.kind === 'map') return { kind: 'map', of: joinTypes(a.of, b.of) };
  if (a.kind === 'message' && b.kind === 'message') return a.name === b.name ? a : dyn;
  return a.kind === b.kind ? a : dyn;
}

/** A value that stands for a kind of value: what `type(x)` gives. */
export class CelKind {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}
