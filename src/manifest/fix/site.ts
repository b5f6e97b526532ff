import type { JsonValue, YamlMapping, YamlNode, YamlSequence } from '../../formats/index.js';
import type { FlowStyle, WritingStyle } from './render.js';

/** Where a node hangs. */
export type Slot =
  | { readonly kind: 'root' }
  | { readonly kind: 'member'; readonly mapping: YamlMapping; readonly key: YamlNode }
  | { readonly kind: 'item'; readonly sequence: YamlSequence; readonly index: number };

/** A node as it is written at its place, and what it means there. */
export interface Site {
  readonly node: YamlNode;
  readonly value: JsonValue | undefined;
  readonly slot: Slot;
  /** How the brackets around it are written, if it stands in some. */
  readonly flow: FlowStyle | undefined;
}

/** A document that is edited. */
export interface PlanSubject {
  readonly text: string;
  readonly root: YamlNode;
  readonly value: JsonValue;
  readonly isJson: boolean;
  readonly style: WritingStyle;
}
