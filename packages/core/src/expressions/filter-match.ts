import { jsonpath } from 'json-p3';
import { isJsonObject, type Json } from '../run/json.ts';
import type { VisitBudget } from './visit-budget.ts';

const { IndexSelector, NameSelector } = jsonpath.selectors;
const { BooleanLiteral, InfixExpression, LogicalExpression, NullLiteral } = jsonpath.expressions;
const { NumberLiteral, PrefixExpression, RelativeQuery, StringLiteral } = jsonpath.expressions;

/**
 * Whether an item passes a filter. As in Jayway JsonPath 2.9: `@.x` alone asks whether it is there, be it null or
 * false; what is not there equals nothing; a text and a number are equal when they read the same (`'1' == 1`); other
 * types are never equal; only numbers, and only texts, are less or greater than each other.
 */
export function isMatch(expression: object, item: Json, budget: VisitBudget): boolean {
  budget.visit(1);
  if (expression instanceof LogicalExpression) return isMatch(expression.expression, item, budget);
  if (expression instanceof PrefixExpression) return !isMatch(expression.right, item, budget);
  if (!(expression instanceof InfixExpression)) return operand(expression, item) !== undefined;
  const { left, operator, right } = expression;
  if (operator === '&&') return isMatch(left, item, budget) && isMatch(right, item, budget);
  if (operator === '||') return isMatch(left, item, budget) || isMatch(right, item, budget);
  return compare(operand(left, item), operator, operand(right, item), budget);
}

function operand(expression: object, item: Json): Json | undefined {
  if (expression instanceof NullLiteral) return null;
  if (
    expression instanceof BooleanLiteral ||
    expression instanceof NumberLiteral ||
    expression instanceof StringLiteral
  ) {
    return expression.value;
  }
  if (!(expression instanceof RelativeQuery)) return undefined;
  let here: Json | undefined = item;
  for (const segment of expression.path.segments) here = step(here, segment.selectors[0]);
  return here;
}

function step(here: Json | undefined, selector: unknown): Json | undefined {
  if (selector instanceof NameSelector && isJsonObject(here)) {
    return Object.hasOwn(here, selector.name) ? here[selector.name] : undefined;
  }
  if (!(selector instanceof IndexSelector) || !Array.isArray(here)) return undefined;
  const list: readonly Json[] = here;
  return list.at(selector.index);
}

function compare(
  left: Json | undefined,
  operator: string,
  right: Json | undefined,
  budget: VisitBudget,
): boolean {
  switch (operator) {
    case '==':
      return isEqual(left, right, budget);
    case '!=':
      return !isEqual(left, right, budget);
    case '<':
      return isLess(left, right);
    case '>':
      return isLess(right, left);
    case '<=':
      return isLess(left, right) || isSameKind(left, right);
    default:
      return isLess(right, left) || isSameKind(left, right);
  }
}

function isLess(left: Json | undefined, right: Json | undefined): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  return typeof left === 'string' && typeof right === 'string' && left < right;
}

function isSameKind(left: Json | undefined, right: Json | undefined): boolean {
  return left === right && (typeof left === 'number' || typeof left === 'string');
}

function isEqual(left: Json | undefined, right: Json | undefined, budget: VisitBudget): boolean {
  if (left === undefined || right === undefined) return false;
  if (typeof left === 'string' && typeof right === 'number') return left === String(right);
  if (typeof left === 'number' && typeof right === 'string') return isNumeral(right, left);
  return isSame(left, right, budget);
}

function isNumeral(text: string, number: number): boolean {
  return text.trim() !== '' && Number(text) === number;
}

function isSame(left: Json, right: Json, budget: VisitBudget): boolean {
  if (typeof left !== 'object' || left === null) return left === right;
  if (typeof right !== 'object' || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const mine = Object.entries<Json>(left);
  const others = new Map(Object.entries<Json>(right));
  budget.visit(mine.length + others.size);
  if (mine.length !== others.size) return false;
  return mine.every(([name, value]) => {
    const other = others.get(name);
    return other !== undefined && isSame(value, other, budget);
  });
}
