import { isJsonObject, type Json } from '../run/json.ts';
import { lengthOf, lengthsOf, stepInto, type Path } from './path.ts';
import type { CompiledTemplate, TemplateNode } from './template.ts';
import type { TextPart } from './text-expression.ts';

/*
 * Secrets are resolved at the last moment, in what is handed to a worker. What is stored, and shown, is the text of the
 * reference. Only the places where the *definition* says `${workflow.secrets.NAME}` are resolved: data that reads like
 * a reference stays text, wherever it stands, because a text with a secret holds no other expression.
 */

/** Finds a secret by its name; undefined = there is none that workflows may have. */
export type SecretLookup = (name: string) => string | undefined;

/** An input with its secrets, or the name of the first one that is not there. */
export type Revealed =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly missing: string };

/** The stored value of a template with its secrets in place. Pure; `stored` is not changed. */
export function revealSecrets(
  template: CompiledTemplate,
  stored: Json,
  lookup: SecretLookup,
): Revealed {
  if (!template.reads.some(isSecretRead)) return { ok: true, value: stored };
  const missing: string[] = [];
  const value = revealNode(template.node, stored, (name) => {
    const secret = lookup(name);
    if (secret === undefined) missing.push(name);
    return secret ?? '';
  });
  const [first] = missing;
  return first === undefined ? { ok: true, value } : { ok: false, missing: first };
}

/** A path that names a secret, or something within one. */
function isSecretRead(read: { readonly root: string; readonly path: readonly string[] }): boolean {
  return read.root === 'workflow' && read.path[0] === 'secrets';
}

function revealNode(node: TemplateNode, stored: Json, secret: (name: string) => string): Json {
  switch (node.kind) {
    case 'literal':
      return stored;
    case 'text':
      return revealText(node.parts, stored, secret);
    case 'list': {
      if (!Array.isArray(stored)) return stored;
      const list: readonly Json[] = stored;
      return list.map((item, index) => {
        const child = node.items[index];
        return child === undefined ? item : revealNode(child, item, secret);
      });
    }
    case 'object': {
      if (!isJsonObject(stored)) return stored;
      const children = new Map(node.members);
      const members = Object.entries(stored).map(([name, value]) => {
        const child = children.get(name);
        return [name, child === undefined ? value : revealNode(child, value, secret)] as const;
      });
      return Object.fromEntries(members);
    }
  }
}

function revealText(
  parts: readonly TextPart[],
  stored: Json,
  secret: (name: string) => string,
): Json {
  const known = parts.map((part) => {
    if (typeof part === 'string') return { text: part, value: part };
    if (part.kind !== 'secret') return null;
    return { text: part.source, value: secretAt(part.path, secret) };
  });
  if (known.includes(null) || known.map((each) => each?.text).join('') !== stored) return stored;
  const values = known.map((each) => each?.value ?? null);
  if (values.length === 1) return values[0] ?? null;
  return values
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join('');
}

/** The secret, or what lies within one that is JSON; null when nothing does. */
function secretAt(path: Path, secret: (name: string) => string): Json {
  const text = secret(path.members[1] ?? '');
  const steps = [...path.members.slice(2), ...path.steps];
  if (steps.length === 0 && path.query === null && !path.isLength) return text;
  const whole = parsed(text);
  const place = whole === undefined ? undefined : stepInto(whole, steps);
  if (path.query === null) return path.isLength ? lengthOf(place) : (place ?? null);
  const found = path.query.run(place);
  const value = found.ok ? found.value : undefined;
  return path.isLength ? lengthsOf(value) : (value ?? null);
}

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    // Not JSON: a path within it leads nowhere.
    return undefined;
  }
}
