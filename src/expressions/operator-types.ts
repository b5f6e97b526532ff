import { dyn, joinTypes, type CelType } from './cel-type.js';

const bool: CelType = { kind: 'bool' };
const ordered: readonly string[] = ['bool', 'string', 'bytes', 'timestamp', 'duration'];
const numbers: readonly string[] = ['int', 'uint', 'double'];

/** The type of what an operator makes of two operands; undefined where there is no such operator. */
export function binaryType(op: string, a: CelType, b: CelType): CelType | undefined {
  const isOpen = a.kind === 'dyn' || b.kind === 'dyn';
  switch (op) {
    case '==':
    case '!=':
      return isOpen || areComparable(a, b) ? bool : undefined;
    case '<':
    case '<=':
    case '>':
    case '>=':
      return areOrdered(a, b) ? bool : undefined;
    case 'in':
      return b.kind === 'list' || b.kind === 'map' || b.kind === 'dyn' ? bool : undefined;
    default:
      return isOpen ? dyn : calculated(op, a, b);
  }
}

function areComparable(a: CelType, b: CelType): boolean {
  if (a.kind === b.kind || (numbers.includes(a.kind) && numbers.includes(b.kind))) return true;
  return a.kind === 'null' || b.kind === 'null';
}

function areOrdered(a: CelType, b: CelType): boolean {
  const isOne = (type: CelType): boolean => type.kind === 'dyn' || ordered.includes(type.kind);
  if (numbers.includes(a.kind)) return numbers.includes(b.kind) || b.kind === 'dyn';
  if (a.kind === 'dyn') return numbers.includes(b.kind) || isOne(b);
  return isOne(a) && (b.kind === 'dyn' || a.kind === b.kind);
}

function calculated(op: string, a: CelType, b: CelType): CelType | undefined {
  const pair = `${a.kind} ${op} ${b.kind}`;
  if (pair === 'timestamp - timestamp') return { kind: 'duration' };
  if (['timestamp + duration', 'timestamp - duration', 'duration + timestamp'].includes(pair)) {
    return { kind: 'timestamp' };
  }
  if (a.kind !== b.kind) return undefined;
  if (op === '+' && ['string', 'bytes', 'list'].includes(a.kind)) return joinTypes(a, b);
  if ((op === '+' || op === '-') && a.kind === 'duration') return a;
  if (op === '%' && a.kind === 'double') return undefined;
  return numbers.includes(a.kind) ? a : undefined;
}
