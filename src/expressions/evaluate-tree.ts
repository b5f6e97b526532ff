import type { ASTNode } from '@marcbachmann/cel-js';
import { BudgetFault, EvaluationFault, type Meter } from './budget.js';
import { celFunctions, Given, kindNames, type CelFunction } from './functions/index.js';
import { binary, negate } from './operators.js';
import type { Patterns } from './patterns.js';
import { bindingOf, loopOf, qualifiedName, type Loop } from './tree.js';
import { CelList, CelMap, CelMessage, CelUint, kindOf, mapKey, type CelValue } from './value.js';

const stepsOfFault = 30;

interface Scope {
  readonly name: string;
  readonly value: CelValue;
  readonly outer: Scope | undefined;
}

/** One evaluation of a checked tree. */
export class TreeEvaluation {
  readonly #meter: Meter;
  readonly #patterns: Patterns;
  readonly #lookUp: (name: string) => CelValue | undefined;

  constructor(
    lookUp: (name: string) => CelValue | undefined,
    { meter, patterns }: { readonly meter: Meter; readonly patterns: Patterns },
  ) {
    this.#lookUp = lookUp;
    this.#meter = meter;
    this.#patterns = patterns;
  }

  /** @throws EvaluationFault */
  valueOf(node: ASTNode, scope: Scope | undefined): CelValue {
    this.#meter.spend(1);
    switch (node.op) {
      case 'value':
        return literal(node.args);
      case 'id':
        return this.#valueOfName(node.args, scope);
      case '.':
        return fieldOf(this.valueOf(node.args[0], scope), node.args[1]);
      case '[]':
        return itemOf(this.valueOf(node.args[0], scope), this.valueOf(node.args[1], scope));
      case 'call':
        return this.#valueOfCall(node.args, scope);
      case 'rcall':
        return this.#valueOfMethod(node.args, scope);
      case 'list':
        return CelList.of(node.args.map((item) => this.valueOf(item, scope)));
      case 'map':
        return this.#valueOfMap(node.args, scope);
      case '?:': {
        const [condition, yes, no] = node.args;
        return this.valueOf(this.#isTrue(condition, scope) ? yes : no, scope);
      }
      case '&&':
        return this.#junction(node.args, scope, false);
      case '||':
        return this.#junction(node.args, scope, true);
      case '!_':
        return !this.#isTrue(node.args, scope);
      case '-_':
        return negate(this.valueOf(node.args, scope));
      case '.?':
      case '[?]':
        throw new EvaluationFault('optional values are not part of these expressions');
      default:
        return binary(node.op, this.valueOf(node.args[0], scope), this.valueOf(node.args[1], scope), this.#meter);
    }
  }

  #valueOfName(name: string, scope: Scope | undefined): CelValue {
    for (let at = scope; at; at = at.outer) if (at.name === name) return at.value;
    const value = this.#lookUp(name);
    if (value !== undefined) return value;
    const kind = kindNames.get(name);
    if (kind) return kind;
    throw new EvaluationFault(`there is no ${name}`);
  }

  /** What decides wins, also over a fault on the other side, whichever side it is. */
  #junction([left, right]: readonly [ASTNode, ASTNode], scope: Scope | undefined, decisive: boolean): boolean {
    const first = this.#tried(left, scope);
    if (first === decisive) return decisive;
    const second = this.#tried(right, scope);
    if (second === decisive) return decisive;
    if (first instanceof EvaluationFault) throw first;
    if (second instanceof EvaluationFault) throw second;
    return !decisive;
  }

  #tried(node: ASTNode, scope: Scope | undefined): boolean | EvaluationFault {
    try {
      return this.#isTrue(node, scope);
    } catch (error) {
      if (!(error instanceof EvaluationFault) || error instanceof BudgetFault) throw error;
      // Throwing takes longer than other steps.
      this.#meter.spend(stepsOfFault);
      return error;
    }
  }

  #isTrue(node: ASTNode, scope: Scope | undefined): boolean {
    const value = this.valueOf(node, scope);
    if (typeof value === 'boolean') return value;
    throw new EvaluationFault(`${kindOf(value)} stands where bool must`);
  }

  #valueOfMap(entries: readonly (readonly [ASTNode, ASTNode])[], scope: Scope | undefined): CelValue {
    const made = new Map<string, readonly [CelValue, CelValue]>();
    for (const [keyNode, valueNode] of entries) {
      const key = this.valueOf(keyNode, scope);
      const name = typeof key === 'number' ? undefined : mapKey(key);
      if (name === undefined) throw new EvaluationFault(`${kindOf(key)} is no key of a map`);
      if (made.has(name)) throw new EvaluationFault('a key stands twice in one map');
      made.set(name, [key, this.valueOf(valueNode, scope)]);
    }
    return CelMap.of(made);
  }

  #valueOfCall([name, given]: readonly [string, readonly ASTNode[]], scope: Scope | undefined): CelValue {
    const [first] = given;
    if (name === 'has' && first?.op === '.') return hasField(this.valueOf(first.args[0], scope), first.args[1]);
    return this.#apply(
      name,
      undefined,
      given.map((one) => this.valueOf(one, scope)),
    );
  }

  #valueOfMethod(args: readonly [string, ASTNode, readonly ASTNode[]], scope: Scope | undefined): CelValue {
    const loop = loopOf(args);
    if (loop) return this.#loop(loop, scope);
    const binding = bindingOf(args);
    if (binding) {
      const value = this.valueOf(binding.value, scope);
      return this.valueOf(binding.body, { name: binding.variable, value, outer: scope });
    }
    const [name, receiver, given] = args;
    const qualified = qualifiedName(name, receiver);
    const on = qualified === undefined ? this.valueOf(receiver, scope) : undefined;
    return this.#apply(
      qualified ?? name,
      on,
      given.map((one) => this.valueOf(one, scope)),
    );
  }

  #apply(name: string, on: CelValue | undefined, given: readonly CelValue[]): CelValue {
    const found = celFunctions.get(name)?.find((one) => accepts(one, on, given));
    if (found) {
      const around = { meter: this.#meter, patterns: this.#patterns };
      return found.run(new Given(on === undefined ? given : [on, ...given], around));
    }
    const receiver = on === undefined ? '' : `${kindOf(on)}.`;
    throw new EvaluationFault(`there is no ${receiver}${name}(${given.map(kindOf).join(', ')})`);
  }

  #loop(loop: Loop, scope: Scope | undefined): CelValue {
    const whole = this.valueOf(loop.over, scope);
    const items = this.#itemsOf(whole, loop);
    switch (loop.name) {
      case 'all':
        return this.#quantified(loop, items, scope, false);
      case 'exists':
        return this.#quantified(loop, items, scope, true);
      case 'exists_one': {
        let count = 0;
        for (const value of items) {
          if (this.#isTrue(loop.body, { name: loop.variable, value, outer: scope })) count++;
        }
        return count === 1;
      }
      default:
        return this.#gathered(loop, items, scope);
    }
  }

  *#itemsOf(whole: CelValue, { name }: Loop): Generator<CelValue, void, undefined> {
    if (whole instanceof CelMap) yield* whole.keys(this.#meter);
    else if (whole instanceof CelList) for (let at = 0; at < whole.length; at++) yield whole.at(at);
    else throw new EvaluationFault(`${name} goes through lists and maps, not through ${kindOf(whole)}`);
  }

  #quantified(loop: Loop, items: Iterable<CelValue>, outer: Scope | undefined, decisive: boolean): boolean {
    let fault: EvaluationFault | undefined;
    for (const value of items) {
      const found = this.#tried(loop.body, { name: loop.variable, value, outer });
      if (found === decisive) return decisive;
      if (found instanceof EvaluationFault) fault ??= found;
    }
    if (fault) throw fault;
    return !decisive;
  }

  #gathered({ name, variable, condition, body }: Loop, items: Iterable<CelValue>, outer: Scope | undefined): CelList {
    const kept: CelValue[] = [];
    for (const value of items) {
      const scope = { name: variable, value, outer };
      if (name === 'filter') {
        if (this.#isTrue(body, scope)) kept.push(value);
      } else if (!condition || this.#isTrue(condition, scope)) kept.push(this.valueOf(body, scope));
    }
    return CelList.of(kept);
  }
}

function literal(value: Extract<ASTNode, { readonly op: 'value' }>['args']): CelValue {
  if (value === null || value instanceof Uint8Array || typeof value !== 'object') return value;
  return new CelUint(value.valueOf());
}

function fieldOf(value: CelValue, field: string): CelValue {
  if (!(value instanceof CelMap) && !(value instanceof CelMessage)) {
    throw new EvaluationFault(`${kindOf(value)} has no field ${field}`);
  }
  const found = value.get(field);
  if (found === undefined) throw new EvaluationFault(`no such key: ${field}`);
  return found;
}

function hasField(value: CelValue, field: string): boolean {
  if (value instanceof CelMessage) return value.has(field);
  if (value instanceof CelMap) return value.get(field) !== undefined;
  throw new EvaluationFault(`${kindOf(value)} has no field ${field}`);
}

function itemOf(whole: CelValue, index: CelValue): CelValue {
  if (whole instanceof CelMap) {
    const found = whole.get(index);
    if (found === undefined) throw new EvaluationFault(`no such key: ${keyWords(index)}`);
    return found;
  }
  if (!(whole instanceof CelList)) throw new EvaluationFault(`${kindOf(whole)} has no items`);
  const at = index instanceof CelUint ? index.value : index;
  if (typeof at !== 'bigint' && !(typeof at === 'number' && Number.isInteger(at))) {
    throw new EvaluationFault(`the index of a list is int, not ${kindOf(index)}`);
  }
  const number = Number(at);
  if (number < 0 || number >= whole.length) throw new EvaluationFault(`the index ${at} is out of range`);
  return whole.at(number);
}

function keyWords(key: CelValue): string {
  return typeof key === 'string' || typeof key === 'bigint' ? `${key}`.slice(0, 200) : kindOf(key);
}

function accepts(one: CelFunction, on: CelValue | undefined, given: readonly CelValue[]): boolean {
  if ((one.on === undefined) !== (on === undefined) || one.takes.length !== given.length) return false;
  if (on !== undefined && kindOf(on) !== one.on) return false;
  return one.takes.every((wanted, at) => wanted === 'dyn' || kindOf(given[at] ?? null) === wanted);
}
