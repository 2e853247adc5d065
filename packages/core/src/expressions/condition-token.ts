/** A piece of a condition. */
export type Token =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'name'; readonly text: string }
  /** `${…}`, braces included. */
  | { readonly kind: 'template'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string };

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|'((?:[^'\\\n]|\\['"\\])*)'|"((?:[^"\\\n]|\\['"\\])*)"|(\$\{[^{}]*\})|([A-Za-z_$][\w$]*)|(===|!==|==|!=|<=|>=|&&|\|\||[-+*/%<>!?:;.,()[\]{}]))/y;

/** The pieces of a text, or the rest that is none. Linear in the text. */
export function tokensOf(text: string): readonly Token[] | { readonly rest: string } {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  const length = text.trimEnd().length;
  while (end < length) {
    const match = TOKEN.exec(text);
    if (match === null) return { rest: text.slice(end, end + 20).trim() };
    end = TOKEN.lastIndex;
    tokens.push(tokenOf(match));
  }
  return tokens;
}

function tokenOf([, number, single, double, template, name, sign]: RegExpExecArray): Token {
  if (number !== undefined) return { kind: 'number', value: Number(number) };
  const quoted = single ?? double;
  if (quoted !== undefined) return { kind: 'string', value: quoted.replaceAll(/\\(.)/g, '$1') };
  if (template !== undefined) return { kind: 'template', text: template };
  return name === undefined ? { kind: 'sign', text: sign ?? '' } : { kind: 'name', text: name };
}
