/*
 * Conductor's query language: `field op value [AND …]` with = != > >= < <= IN (a,b) NOT IN, BETWEEN a AND b, IS NULL,
 * IS NOT NULL and STARTS_WITH, as its documents and its indexes of 3.30 have them. OR is refused.
 */
import { invalidQuery, type QueryToken, queryTokens } from './query-tokens.ts';

/** One condition on a field, in its own words. */
export interface QueryTerm {
  readonly field: string;
  readonly test: QueryTest;
}

/** What a field is held to. Values are texts as they were written. */
export type QueryTest =
  | { readonly type: 'one-of'; readonly values: readonly string[]; readonly isNot: boolean }
  /** Null = no bound. */
  | { readonly type: 'between'; readonly from: Bound | null; readonly to: Bound | null };

/** An end of a range. */
export interface Bound {
  readonly value: string;
  readonly isIncluded: boolean;
}

/** The conditions of a query, all of which must hold; `*` and nothing have none. Throws JN_REQUEST_INVALID. */
export function parseQuery(query: string): readonly QueryTerm[] {
  const reader = new Reader(queryTokens(query));
  if (reader.isOver || (query.trim() === '*' && reader.word() === '*')) return [];
  const terms = [reader.term()];
  while (!reader.isOver) {
    reader.keyword('AND');
    terms.push(reader.term());
  }
  return terms;
}

class Reader {
  readonly #tokens: readonly QueryToken[];
  #at = 0;

  constructor(tokens: readonly QueryToken[]) {
    this.#tokens = tokens;
  }

  get isOver(): boolean {
    return this.#at >= this.#tokens.length;
  }

  term(): QueryTerm {
    return { field: this.word(), test: this.#test() };
  }

  word(): string {
    const token = this.#next();
    if (token.type !== 'word') throw invalidQuery(`expected a field, found \`${token.text}\``);
    return token.text;
  }

  keyword(wanted: string): void {
    const { text } = this.#next();
    if (text.toUpperCase() !== wanted) {
      throw invalidQuery(`expected ${wanted}, found \`${text}\``);
    }
  }

  #test(): QueryTest {
    const operator = this.#next().text.toUpperCase();
    switch (operator) {
      case '=':
      case '!=':
        return { type: 'one-of', values: [this.#value()], isNot: operator === '!=' };
      case '>':
      case '>=':
        return { type: 'between', from: this.#bound(operator === '>='), to: null };
      case '<':
      case '<=':
        return { type: 'between', from: null, to: this.#bound(operator === '<=') };
      case 'IN':
        return { type: 'one-of', values: this.#list(), isNot: false };
      case 'NOT':
        this.keyword('IN');
        return { type: 'one-of', values: this.#list(), isNot: true };
      case 'BETWEEN':
        return this.#between();
      case 'IS':
        return this.#isNull();
      case 'STARTS_WITH':
        return { type: 'one-of', values: [`${this.#value()}*`], isNot: false };
      default:
        throw invalidQuery(`\`${operator.slice(0, 40)}\` is no operator`);
    }
  }

  #bound(isIncluded: boolean): Bound {
    return { value: this.#value(), isIncluded };
  }

  #between(): QueryTest {
    const from = this.#bound(true);
    this.keyword('AND');
    return { type: 'between', from, to: this.#bound(true) };
  }

  #isNull(): QueryTest {
    const word = this.#next().text.toUpperCase();
    if (word === 'NOT') this.keyword('NULL');
    else if (word !== 'NULL') throw invalidQuery(`expected NULL, found \`${word}\``);
    return { type: 'one-of', values: [''], isNot: word === 'NOT' };
  }

  #list(): readonly string[] {
    this.keyword('(');
    const values = [this.#value()];
    for (;;) {
      const { text, type } = this.#next();
      if (type === 'sign' && text === ')') return values;
      if (type !== 'sign' || text !== ',') throw invalidQuery(`expected , or ), found \`${text}\``);
      values.push(this.#value());
    }
  }

  #value(): string {
    const token = this.#next();
    if (token.type === 'sign') throw invalidQuery(`expected a value, found \`${token.text}\``);
    return token.text;
  }

  #next(): QueryToken {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token === undefined) throw invalidQuery('it ends too early');
    return token;
  }
}
