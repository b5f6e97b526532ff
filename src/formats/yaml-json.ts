import type { YamlMapping, YamlNode, YamlScalar, YamlSequence } from './yaml-nodes.js';
import { style } from './yaml-tokens.js';

/**
 * The tree of a text that is known to be JSON. YAML's own reader would not do: it wants a key and its colon on one line.
 * The depth of the text is bounded already.
 */
export function parseJsonNodes(text: string): YamlNode {
  return new JsonNodes(text).root();
}

type Extent = Pick<YamlScalar, 'start' | 'end' | 'tag' | 'anchor' | 'size' | 'height'>;

class JsonNodes {
  readonly #text: string;
  #at: number;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  }

  root(): YamlNode {
    this.#skipBlanks();
    return this.#value();
  }

  #value(): YamlNode {
    const code = this.#text.charCodeAt(this.#at);
    if (code === 123) return this.#object();
    if (code === 91) return this.#array();
    return code === 34 ? this.#string() : this.#word();
  }

  #object(): YamlMapping {
    const node: YamlMapping = { kind: 'mapping', inFlow: true, keys: [], values: [], open: false, ...this.#here() };
    this.#at++;
    while (this.#passTo(125)) {
      const key = this.#string();
      // The colon, and what is around it.
      this.#skipBlanks();
      this.#at++;
      this.#skipBlanks();
      const value = this.#value();
      node.keys.push(key);
      node.values.push(value);
      grow(node, value);
    }
    node.end = this.#at;
    return node;
  }

  #array(): YamlSequence {
    const node: YamlSequence = { kind: 'sequence', inFlow: true, items: [], open: false, ...this.#here() };
    this.#at++;
    while (this.#passTo(93)) {
      const item = this.#value();
      node.items.push(item);
      grow(node, item);
    }
    node.end = this.#at;
    return node;
  }

  /** Passes blanks and a comma; at the closing bracket, or where the text ends, goes behind it and says that it is over. */
  #passTo(closing: number): boolean {
    this.#skipBlanks();
    if (this.#text.charCodeAt(this.#at) === 44) {
      this.#at++;
      this.#skipBlanks();
    }
    if (this.#at < this.#text.length && this.#text.charCodeAt(this.#at) !== closing) return true;
    this.#at++;
    return false;
  }

  #string(): YamlScalar {
    const start = this.#at++;
    let simple = true;
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 34) break;
      if (code !== 92) continue;
      simple = false;
      this.#at++;
    }
    this.#at++;
    return { kind: 'scalar', ...this.#from(start), detail: simple ? style.doubleSimple : style.double };
  }

  #word(): YamlScalar {
    const start = this.#at++;
    while (this.#at < this.#text.length && !',]} \t\r\n'.includes(this.#text.charAt(this.#at))) this.#at++;
    return { kind: 'scalar', ...this.#from(start), detail: style.plainSimple };
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at++;
    }
  }

  #here(): Extent {
    return this.#from(this.#at);
  }

  #from(start: number): Extent {
    return { start, end: this.#at, tag: undefined, anchor: undefined, size: 1, height: 0 };
  }
}

function grow(node: YamlSequence | YamlMapping, child: YamlNode): void {
  node.size += child.size;
  node.height = Math.max(node.height, child.height + 1);
}
