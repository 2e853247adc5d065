import type { Json } from '../run/json.ts';
import type { Condition } from './condition.ts';

/** A value of a condition; undefined: there is none. */
export type Operand = Json | undefined;

/** What a condition comes to, or why that cannot be told. */
export type Verdict =
  | { readonly ok: true; readonly holds: boolean }
  | { readonly ok: false; readonly problem: string };

/** The value of `$.root` or of a `${…}`; what it throws is passed on. */
export type OperandLookup = (operand: Condition & { kind: 'path' | 'template' }) => Operand;

/**
 * Evaluate a condition as JavaScript would; it holds when it is `true` or a number above 0 (Conductor 3.30). Objects
 * and lists are true, equal to nothing, and not otherwise compared or calculated with.
 */
export function evaluateCondition(condition: Condition, lookUp: OperandLookup): Verdict {
  try {
    const value = valueOf(condition, lookUp);
    return { ok: true, holds: value === true || (typeof value === 'number' && value > 0) };
  } catch (error) {
    if (!(error instanceof OperandFault)) throw error;
    return { ok: false, problem: error.message };
  }
}

class OperandFault extends Error {}

function valueOf(condition: Condition, lookUp: OperandLookup): Operand {
  switch (condition.kind) {
    case 'literal':
      return condition.value;
    case 'template':
      return lookUp(condition);
    case 'path':
      return condition.steps.reduce(stepInto, lookUp(condition));
    case 'unary': {
      const value = valueOf(condition.of, lookUp);
      if (condition.sign === '!') return !isTruthy(value);
      return condition.sign === '-' ? -numberOf(value) : numberOf(value);
    }
    case 'choice':
      return isTruthy(valueOf(condition.test, lookUp))
        ? valueOf(condition.yes, lookUp)
        : valueOf(condition.no, lookUp);
    case 'binary':
      return binary(condition, lookUp);
  }
}

function stepInto(value: Operand, step: string | number): Operand {
  if (value === undefined || value === null) {
    throw new OperandFault(`cannot read '${step}' of ${String(value)}`);
  }
  if (step === 'length' && (typeof value === 'string' || Array.isArray(value))) return value.length;
  return typeof value === 'object' ? ownMember(value, step) : undefined;
}

function ownMember(value: object, step: string | number): Operand;
function ownMember(value: object, step: string | number): unknown {
  return Object.hasOwn(value, step) ? Reflect.get(value, step) : undefined;
}

function binary(
  { sign, left, right }: Condition & { kind: 'binary' },
  lookUp: OperandLookup,
): Operand {
  const first = valueOf(left, lookUp);
  if (sign === '&&') return isTruthy(first) ? valueOf(right, lookUp) : first;
  if (sign === '||') return isTruthy(first) ? first : valueOf(right, lookUp);
  const second = valueOf(right, lookUp);
  switch (sign) {
    case '===':
      return isSame(first, second);
    case '!==':
      return !isSame(first, second);
    case '==':
      return isLooselySame(first, second);
    case '!=':
      return !isLooselySame(first, second);
    default:
      return typeof first === 'string' && typeof second === 'string'
        ? ofTexts(sign, first, second)
        : ofNumbers(sign, first, second);
  }
}

function ofTexts(sign: string, first: string, second: string): Operand {
  switch (sign) {
    case '<':
      return first < second;
    case '<=':
      return first <= second;
    case '>':
      return first > second;
    case '>=':
      return first >= second;
    case '+':
      return first + second;
    default:
      return ofNumbers(sign, first, second);
  }
}

function ofNumbers(sign: string, first: Operand, second: Operand): Operand {
  const isText = typeof first === 'string' || typeof second === 'string';
  if (sign === '+' && isText) return textOf(first) + textOf(second);
  const a = numberOf(first);
  const b = numberOf(second);
  switch (sign) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return a % b;
  }
}

function isTruthy(value: Operand): boolean {
  return Boolean(value);
}

function isObject(value: Operand): value is object & Json {
  return typeof value === 'object' && value !== null;
}

function isSame(first: Operand, second: Operand): boolean {
  return !isObject(first) && first === second;
}

function isLooselySame(first: Operand, second: Operand): boolean {
  if (isObject(first) || isObject(second)) return false;
  const isNothing = (value: Operand): boolean => value === null || value === undefined;
  if (isNothing(first) || isNothing(second)) return isNothing(first) && isNothing(second);
  return typeof first === typeof second ? first === second : Number(first) === Number(second);
}

function numberOf(value: Operand): number {
  if (isObject(value)) throw new OperandFault('cannot calculate with an object or a list');
  return Number(value);
}

function textOf(value: Operand): string {
  if (isObject(value)) throw new OperandFault('cannot add an object or a list to a text');
  return String(value);
}
