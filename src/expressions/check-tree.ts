import type { ASTNode } from '@marcbachmann/cel-js';
import { dyn, joinTypes, typeName, type CelType } from './cel-type.js';
import type { Declarations, ExpressionProblem } from './expression.js';
import { celFunctions, kindNames, type CelFunction } from './functions/index.js';
import { binaryType } from './operator-types.js';
import { readPattern, type Pattern } from './patterns.js';
import { bindingOf, loopNames, loopOf, qualifiedName, type Loop } from './tree.js';

/** What a check finds out. */
export interface CheckedTree {
  readonly type: CelType;
  readonly mentions: ReadonlySet<string>;
  /** Those that are written out, by their texts. */
  readonly patterns: ReadonlyMap<string, Pattern>;
  readonly problems: readonly ExpressionProblem[];
}

/** Every name, function and operator that cannot be right, whatever the input. */
export function checkTree(tree: ASTNode, variables: Declarations): CheckedTree {
  const check = new TreeCheck(variables);
  const type = check.typeOf(tree, undefined);
  const problems = [...check.problems].sort((a, b) => a.offset - b.offset);
  return { type, mentions: check.mentions, patterns: check.patterns, problems };
}

interface Scope {
  readonly name: string;
  readonly type: CelType;
  readonly outer: Scope | undefined;
}

const bool: CelType = { kind: 'bool' };

class TreeCheck {
  readonly mentions = new Set<string>();
  readonly patterns = new Map<string, Pattern>();
  readonly problems: ExpressionProblem[] = [];
  readonly #variables: Declarations;

  constructor(variables: Declarations) {
    this.#variables = variables;
  }

  typeOf(node: ASTNode, scope: Scope | undefined): CelType {
    switch (node.op) {
      case 'value':
        return typeOfLiteral(node.args);
      case 'id':
        return this.#typeOfName(node, node.args, scope);
      case '.':
        return this.#typeOfField(node, node.args[1], this.typeOf(node.args[0], scope));
      case '[]':
        return this.#typeOfItem(node, this.typeOf(node.args[0], scope), this.typeOf(node.args[1], scope));
      case 'call':
        return this.#typeOfCall(node, node.args, scope);
      case 'rcall':
        return this.#typeOfMethod(node, node.args, scope);
      case 'list':
        return { kind: 'list', of: join(node.args.map((item) => this.typeOf(item, scope))) };
      case 'map':
        return { kind: 'map', of: join(node.args.map(([key, value]) => this.#typeOfEntry(key, value, scope))) };
      case '?:': {
        const [condition, yes, no] = node.args;
        this.#demandBool(condition, scope);
        return joinTypes(this.typeOf(yes, scope), this.typeOf(no, scope));
      }
      case '&&':
      case '||':
        this.#demandBool(node.args[0], scope);
        this.#demandBool(node.args[1], scope);
        return bool;
      case '!_':
        this.#demandBool(node.args, scope);
        return bool;
      case '-_':
        return this.#typeOfNegation(node, this.typeOf(node.args, scope));
      case '.?':
      case '[?]':
        return this.#problem(node, 'optional values are not part of these expressions', {
          hint: 'write has(a.b) && ...',
        });
      default: {
        const [left, right] = [this.typeOf(node.args[0], scope), this.typeOf(node.args[1], scope)];
        const type = binaryType(node.op, left, right);
        return type ?? this.#problem(node, `there is no ${typeName(left)} ${node.op} ${typeName(right)}`);
      }
    }
  }

  #typeOfEntry(key: ASTNode, value: ASTNode, scope: Scope | undefined): CelType {
    const { kind } = this.typeOf(key, scope);
    if (!['string', 'int', 'uint', 'bool', 'dyn'].includes(kind)) this.#problem(key, `${kind} is no key of a map`);
    return this.typeOf(value, scope);
  }

  #typeOfName(node: ASTNode, name: string, scope: Scope | undefined): CelType {
    for (let at = scope; at; at = at.outer) if (at.name === name) return at.type;
    const declared = Object.hasOwn(this.#variables, name) ? this.#variables[name] : undefined;
    if (declared) {
      this.mentions.add(name);
      return declared;
    }
    if (kindNames.has(name)) return { kind: 'type' };
    const bound: string[] = [];
    for (let at = scope; at; at = at.outer) bound.push(at.name);
    const known = [...bound, ...Object.keys(this.#variables)];
    return this.#problem(node, `there is no variable ${name}`, { unknown: { word: name, known } });
  }

  #typeOfField(node: ASTNode, field: string, type: CelType): CelType {
    if (type.kind === 'dyn') return dyn;
    if (type.kind === 'map') return type.of;
    if (type.kind !== 'message') return this.#problem(node, `${typeName(type)} has no field ${field}`);
    const declared = Object.hasOwn(type.fields, field) ? type.fields[field] : undefined;
    if (declared) return declared;
    return this.#problem(node, `${type.name} has no field ${field}`, {
      unknown: { word: field, known: Object.keys(type.fields) },
    });
  }

  #typeOfItem(node: ASTNode, whole: CelType, index: CelType): CelType {
    if (whole.kind === 'list') {
      if (['int', 'uint', 'double', 'dyn'].includes(index.kind)) return whole.of;
      return this.#problem(node, `the index of a list is int, not ${typeName(index)}`);
    }
    if (whole.kind === 'map') return whole.of;
    return whole.kind === 'dyn' ? dyn : this.#problem(node, `${typeName(whole)} has no items`);
  }

  #typeOfNegation(node: ASTNode, type: CelType): CelType {
    if (['int', 'double', 'duration', 'dyn'].includes(type.kind)) return type;
    return this.#problem(node, `there is no -${typeName(type)}`);
  }

  #typeOfCall(node: ASTNode, [name, given]: readonly [string, readonly ASTNode[]], scope: Scope | undefined): CelType {
    if (name === 'has' && given.length === 1) return this.#typeOfHas(node, given[0], scope);
    const unknown = this.#unknownFunction(node, name, 'function');
    if (unknown) return unknown;
    const types = given.map((one) => this.typeOf(one, scope));
    this.#checkPattern(name, given);
    return this.#typeOfFunction(node, name, { on: undefined, types });
  }

  #typeOfHas(node: ASTNode, field: ASTNode | undefined, scope: Scope | undefined): CelType {
    if (field?.op === '.') this.typeOf(field, scope);
    else this.#problem(node, 'has() takes a field (write has(object.spec.hostNetwork))');
    return bool;
  }

  #typeOfMethod(
    node: ASTNode,
    args: readonly [string, ASTNode, readonly ASTNode[]],
    scope: Scope | undefined,
  ): CelType {
    const [name, receiver, given] = args;
    const loop = loopOf(args);
    if (loop) return this.#typeOfLoop(loop, scope);
    const binding = bindingOf(args);
    if (binding) {
      const type = this.typeOf(binding.value, scope);
      return this.typeOf(binding.body, { name: binding.variable, type, outer: scope });
    }
    if (loopNames.some((one) => one === name)) {
      return this.#problem(node, `${name} takes a name and what is said of each (write list.${name}(x, x != ""))`);
    }
    const qualified = qualifiedName(name, receiver);
    const before = this.problems.length;
    const on = qualified === undefined ? this.typeOf(receiver, scope) : undefined;
    // Of what is wrong itself nothing is known, nor what it might be asked.
    if (this.problems.length > before) return dyn;
    const unknown = this.#unknownFunction(node, qualified ?? name, on ? 'method' : 'function');
    if (unknown) return unknown;
    const types = given.map((one) => this.typeOf(one, scope));
    this.#checkPattern(name, given);
    return this.#typeOfFunction(node, qualified ?? name, { on, types });
  }

  #typeOfLoop({ name, over, variable, condition, body }: Loop, outer: Scope | undefined): CelType {
    const whole = this.typeOf(over, outer);
    if (!['list', 'map', 'dyn'].includes(whole.kind)) {
      this.#problem(over, `${name} goes through lists and maps, not through ${typeName(whole)}`);
    }
    const type = whole.kind === 'list' ? whole.of : dyn;
    const scope = { name: variable, type, outer };
    if (condition) this.#demandBool(condition, scope);
    if (name === 'map') return { kind: 'list', of: this.typeOf(body, scope) };
    this.#demandBool(body, scope);
    return name === 'filter' ? { kind: 'list', of: type } : bool;
  }

  /** What it is given may be names of its own making, so that nothing is said of it. */
  #unknownFunction(node: ASTNode, name: string, form: 'function' | 'method'): CelType | undefined {
    const isOf = (one: CelFunction): boolean => (one.on === undefined) === (form === 'function');
    if (celFunctions.get(name)?.some(isOf)) return undefined;
    const known = [...celFunctions].flatMap(([word, forms]) => (forms.some(isOf) ? [word] : []));
    const words = [...known, ...(form === 'method' ? loopNames : ['has'])];
    return this.#problem(node, `there is no ${form} ${name}`, { unknown: { word: name, known: words } });
  }

  #typeOfFunction(
    node: ASTNode,
    name: string,
    { on, types }: { readonly on: CelType | undefined; readonly types: readonly CelType[] },
  ): CelType {
    const all = celFunctions.get(name) ?? [];
    const ofForm = all.filter((one) => (one.on === undefined) === (on === undefined));
    const fitting = ofForm.filter((one) => fits(one, on, types));
    const gives = fitting.map((one) => one.gives);
    if (gives.length > 0) return join(gives);
    const receiver = on ? `${typeName(on)}.` : '';
    return this.#problem(node, `there is no ${receiver}${name}(${types.map(typeName).join(', ')})`);
  }

  #checkPattern(name: string, given: readonly ASTNode[]): void {
    if (name !== 'matches' && name !== 'find' && name !== 'findAll') return;
    const node = given.at(name === 'matches' ? -1 : 0);
    if (node?.op !== 'value' || typeof node.args !== 'string' || this.patterns.has(node.args)) return;
    const pattern = readPattern(node.args);
    if (typeof pattern === 'string') this.#problem(node, pattern);
    else this.patterns.set(node.args, pattern);
  }

  #demandBool(node: ASTNode, scope: Scope | undefined): void {
    const type = this.typeOf(node, scope);
    if (type.kind !== 'bool' && type.kind !== 'dyn') this.#problem(node, `${typeName(type)} stands where bool must`);
  }

  #problem(node: ASTNode, message: string, more: Pick<ExpressionProblem, 'hint' | 'unknown'> = {}): CelType {
    this.problems.push({ offset: node.pos, message, ...more });
    return dyn;
  }
}

function typeOfLiteral(value: unknown): CelType {
  switch (typeof value) {
    case 'string':
      return { kind: 'string' };
    case 'bigint':
      return { kind: 'int' };
    case 'number':
      return { kind: 'double' };
    case 'boolean':
      return bool;
    default:
      if (value === null) return { kind: 'null' };
      return { kind: value instanceof Uint8Array ? 'bytes' : 'uint' };
  }
}

function fits(one: CelFunction, on: CelType | undefined, types: readonly CelType[]): boolean {
  if (one.takes.length !== types.length) return false;
  if (on && on.kind !== 'dyn' && on.kind !== one.on) return false;
  return one.takes.every((wanted, at) => {
    const kind = types[at]?.kind;
    return wanted === 'dyn' || kind === 'dyn' || kind === wanted;
  });
}

/** What is known of all; of none, nothing. */
function join(types: readonly CelType[]): CelType {
  const [first, ...others] = types;
  return others.reduce(joinTypes, first ?? dyn);
}
