import type { Json } from '../run/json.ts';
import { tokensOf, type Token } from './condition-token.ts';
import type { Condition } from './condition.ts';
import { parseTemplate } from './template.ts';

/** A condition, or why the text is none. */
export type ParsedCondition =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly problem: string };

// Longer than what people write; deeper would only be hostile.
const MAX_LENGTH = 4_000;
const MAX_DEPTH = 64;

class ConditionFault extends Error {}

/** Reads a condition; never throws. */
export function parseCondition(text: string): ParsedCondition {
  if (text.length > MAX_LENGTH) return { ok: false, problem: `is longer than ${MAX_LENGTH}` };
  const tokens = tokensOf(text);
  if ('rest' in tokens) return { ok: false, problem: `cannot be read from ${tokens.rest}` };
  const reader = new Reader(tokens);
  try {
    return { ok: true, condition: reader.program() };
  } catch (error) {
    if (!(error instanceof ConditionFault)) throw error;
    return { ok: false, problem: error.message };
  }
}

/** Binding strength of the binary operators, loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['===', '!==', '==', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];

const LITERALS: ReadonlyMap<string, Json | undefined> = new Map<string, Json | undefined>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', undefined],
]);

class Reader {
  private readonly tokens: readonly Token[];
  private at = 0;
  private depth = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  program(): Condition {
    const condition = this.statement();
    while (this.takes(';'));
    if (this.at < this.tokens.length) return this.fail();
    return condition;
  }

  private statement(): Condition {
    if (!this.takesName('if')) return this.expression();
    return this.nested(() => {
      this.expect('(');
      const test = this.expression();
      this.expect(')');
      const yes = this.block();
      const no: Condition = this.takesName('else')
        ? this.block()
        : { kind: 'literal', value: undefined };
      return { kind: 'choice', test, yes, no };
    });
  }

  private block(): Condition {
    const isBraced = this.takes('{');
    this.takesName('return');
    const inside = this.statement();
    while (this.takes(';'));
    if (isBraced) this.expect('}');
    return inside;
  }

  private expression(): Condition {
    return this.nested(() => {
      const test = this.binary(0);
      if (!this.takes('?')) return test;
      const yes = this.expression();
      this.expect(':');
      return { kind: 'choice', test, yes, no: this.expression() };
    });
  }

  private binary(level: number): Condition {
    const signs = LEVELS[level];
    if (signs === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const sign = signs.find((each) => this.takes(each));
      if (sign === undefined) return left;
      left = { kind: 'binary', sign, left, right: this.binary(level + 1) };
    }
  }

  private unary(): Condition {
    const sign = ['!', '-', '+'].find((each) => this.takes(each));
    if (sign === undefined) return this.operand();
    return this.nested(() => ({ kind: 'unary', sign, of: this.unary() }));
  }

  private operand(): Condition {
    if (this.takes('(')) {
      const inside = this.expression();
      this.expect(')');
      return inside;
    }
    const token = this.tokens[this.at];
    this.at += 1;
    if (token?.kind === 'number' || token?.kind === 'string') {
      return { kind: 'literal', value: token.value };
    }
    if (token?.kind === 'template') return this.template(token.text);
    if (token?.kind === 'name' && LITERALS.has(token.text)) {
      return { kind: 'literal', value: LITERALS.get(token.text) };
    }
    if (token?.kind === 'name' && token.text === '$') return this.path();
    this.at -= 1;
    return this.fail();
  }

  private template(source: string): Condition {
    const parsed = parseTemplate(source);
    if (!parsed.ok) throw new ConditionFault(`cannot be read at ${source}: ${parsed.problem}`);
    return { kind: 'template', source };
  }

  private path(): Condition {
    const steps: (string | number)[] = [];
    for (let step = this.step(); step !== null; step = this.step()) steps.push(step);
    const [root, ...rest] = steps;
    if (typeof root !== 'string') throw new ConditionFault('reads all of $ and not a member of it');
    return { kind: 'path', root, steps: rest };
  }

  private step(): string | number | null {
    if (this.takes('.')) {
      const token = this.tokens[this.at];
      this.at += 1;
      return token?.kind === 'name' ? token.text : this.fail(-1);
    }
    if (!this.takes('[')) return null;
    const token = this.tokens[this.at];
    this.at += 1;
    if (token?.kind !== 'string' && token?.kind !== 'number') return this.fail(-1);
    this.expect(']');
    return token.value;
  }

  private takes(sign: string): boolean {
    const token = this.tokens[this.at];
    const isIt = token?.kind === 'sign' && token.text === sign;
    if (isIt) this.at += 1;
    return isIt;
  }

  private takesName(name: string): boolean {
    const token = this.tokens[this.at];
    const isIt = token?.kind === 'name' && token.text === name;
    if (isIt) this.at += 1;
    return isIt;
  }

  private expect(sign: string): void {
    if (!this.takes(sign)) this.fail();
  }

  private nested<Result>(read: () => Result): Result {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw new ConditionFault(`nests deeper than ${MAX_DEPTH}`);
    const result = read();
    this.depth -= 1;
    return result;
  }

  private fail(offset = 0): never {
    const token = this.tokens[this.at + offset];
    if (token === undefined) throw new ConditionFault('ends too early');
    const text = 'text' in token ? token.text : String(token.value);
    throw new ConditionFault(`cannot be read from ${text.slice(0, 40)}`);
  }
}
