import { joineryError } from '@joinery/core';

/** A piece of a query: a word, a text in quotes, or a sign. */
export interface QueryToken {
  readonly type: 'word' | 'text' | 'sign';
  readonly text: string;
}

const TOKEN =
  /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|>=|<=|[=><(),])|([^\s"'=<>!(),]+))/gy;

/** Cuts a query into its pieces. Throws JN_REQUEST_INVALID where there is none. */
export function queryTokens(query: string): readonly QueryToken[] {
  const tokens: QueryToken[] = [];
  const text = query.trim();
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(text);
    if (found === null) throw invalidQuery(`\`${text.slice(at, at + 40)}\` cannot be read`);
    tokens.push(tokenOf(found));
  }
  return tokens;
}

function tokenOf([, doubled, single, sign, word = '']: RegExpExecArray): QueryToken {
  const quoted = doubled ?? single;
  if (quoted !== undefined) return { type: 'text', text: quoted.replaceAll(/\\(.)/g, '$1') };
  return sign === undefined ? { type: 'word', text: word } : { type: 'sign', text: sign };
}

/** A query that cannot be answered. */
export function invalidQuery(problem: string): Error {
  return joineryError('JN_REQUEST_INVALID', { what: 'search', problem });
}
