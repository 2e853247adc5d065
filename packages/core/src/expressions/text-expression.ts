import { parsePath, type Path } from './path.ts';

/** What a template reads: a root document and the plain member names below it. */
export interface Read {
  /** `workflow`, a task reference, or another name. */
  readonly root: string;
  readonly path: readonly string[];
}

/** One `${…}`. */
export type Expression =
  | { readonly kind: 'path'; readonly source: string; readonly path: Path }
  /** `${workflow.secrets.NAME}`: stays as it is written until its task is handed to a worker. */
  | { readonly kind: 'secret'; readonly source: string; readonly path: Path }
  /** `${}`: the empty text. */
  | { readonly kind: 'blank' }
  /** Holds further expressions, whose texts make the path; the part that is known beforehand is `read`. */
  | {
      readonly kind: 'nested';
      readonly source: string;
      readonly parts: readonly TextPart[];
      readonly read: Read;
    };

/** A piece of a text: literal, or an expression. */
export type TextPart = string | Expression;

/** The pieces of a text, or the expression that cannot be parsed and why. */
export type ParsedText =
  | { readonly ok: true; readonly parts: readonly TextPart[] }
  | { readonly ok: false; readonly expression: string; readonly problem: string };

// Conductor's own definitions nest once; each level costs one pass over the text.
const MAX_NESTING = 8;

/** Splits a text at its expressions; `$${…}` is the literal `${…}`. Takes time linear in the text. */
export function parseText(text: string): ParsedText {
  const parsed = parseParts(text, 0);
  if (!parsed.ok) return parsed;
  const expressions = parsed.parts.filter((part) => typeof part !== 'string');
  const secret = expressions.find((part) => part.kind === 'secret');
  if (secret === undefined || expressions.every((part) => part.kind === 'secret')) return parsed;
  const problem = 'stands in one text with other expressions, whose values could forge a secret';
  return { ok: false, expression: secret.source, problem };
}

function parseParts(text: string, nesting: number): ParsedText {
  const parts: TextPart[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('${', at);
    if (open < 0) break;
    const close = closingBrace(text, open);
    if (close < 0) {
      const problem = 'lacks its closing brace, or nests too deep; write $${ for a literal ${';
      return { ok: false, expression: excerpt(text.slice(open)), problem };
    }
    const isEscaped = text[open - 1] === '$' && open > at;
    pushLiteral(parts, text.slice(at, isEscaped ? open - 1 : open));
    at = close + 1;
    if (isEscaped) {
      pushLiteral(parts, text.slice(open, at));
      continue;
    }
    const parsed = parseExpression(text.slice(open + 2, close), nesting);
    if (!parsed.ok) return parsed;
    parts.push(parsed.expression);
  }
  pushLiteral(parts, text.slice(at));
  return { ok: true, parts };
}

function pushLiteral(parts: TextPart[], text: string): void {
  const last = parts.at(-1);
  if (typeof last === 'string') parts[parts.length - 1] = last + text;
  else if (text !== '') parts.push(text);
}

/** Index of the brace that closes the `${` at `open`; quotes count within brackets. -1: none. */
function closingBrace(text: string, open: number): number {
  // One entry per open expression: an expression inside quotes has quotes of its own.
  const levels: { brackets: number; quote: string }[] = [];
  for (let at = open; at < text.length; at += 1) {
    const char = text[at] ?? '';
    const level = levels.at(-1);
    if (level === undefined || (char === '$' && text[at + 1] === '{')) {
      if (levels.push({ brackets: 0, quote: '' }) > MAX_NESTING) return -1;
      at += 1;
    } else if (level.quote !== '') {
      if (char === level.quote) level.quote = '';
    } else if (level.brackets > 0 && (char === "'" || char === '"')) level.quote = char;
    else if (char === '[') level.brackets += 1;
    else if (char === ']') level.brackets -= 1;
    else if (char === '}') {
      levels.pop();
      if (levels.length === 0) return at;
    }
  }
  return -1;
}

function parseExpression(
  source: string,
  nesting: number,
):
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly expression: string; readonly problem: string } {
  const text = source.trim();
  if (text === '') return { ok: true, expression: { kind: 'blank' } };
  const shown = excerpt(`\${${text}}`);
  if (text.includes('${')) return parseNested(text, shown, nesting);
  const parsed = parsePath(text);
  if (!parsed.ok) return { ok: false, expression: shown, problem: parsed.problem };
  const { root, members } = parsed.path;
  if (root !== 'workflow' || members[0] !== 'secrets' || members.length < 2) {
    return { ok: true, expression: { kind: 'path', source: shown, path: parsed.path } };
  }
  // Written out in full: it is what is stored, and compared later.
  return { ok: true, expression: { kind: 'secret', source: `\${${text}}`, path: parsed.path } };
}

function parseNested(
  text: string,
  source: string,
  nesting: number,
): ReturnType<typeof parseExpression> {
  const inner = parseParts(text, nesting + 1);
  if (!inner.ok) return inner;
  const read = knownRead(inner.parts[0]);
  if (read === null) {
    const problem = 'begins with another expression: what it reads could not be known beforehand';
    return { ok: false, expression: source, problem };
  }
  const isSecret = read.root === 'workflow' && read.path[0] === 'secrets';
  const hasSecret = inner.parts.some((part) => typeof part !== 'string' && part.kind === 'secret');
  if (isSecret || hasSecret) {
    return { ok: false, expression: source, problem: 'names a secret by another expression' };
  }
  return { ok: true, expression: { kind: 'nested', source, parts: inner.parts, read } };
}

// The root and the whole member names in front of the first nested expression.
const KNOWN_HEAD = /^([^.[\](){}*'"?,\s]+)((?:\.[^.[\](){}*'"?,\s]+)*)[.[]/;

function knownRead(head: TextPart | undefined): Read | null {
  const match = typeof head === 'string' ? KNOWN_HEAD.exec(head) : null;
  if (match === null) return null;
  return { root: match[1] ?? '', path: (match[2] ?? '').split('.').slice(1) };
}

/** Everything that the expressions of a text read, nested ones included. */
export function readsOfParts(parts: readonly TextPart[]): readonly Read[] {
  return parts.flatMap((part) => {
    if (typeof part === 'string' || part.kind === 'blank') return [];
    if (part.kind === 'nested') return [part.read, ...readsOfParts(part.parts)];
    return [{ root: part.path.root, path: part.path.members }];
  });
}

// Enough to find the place in a definition; a hostile text must not fill the message.
const EXCERPT = 120;

function excerpt(text: string): string {
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text;
}
