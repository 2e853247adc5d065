/** What was made here: plain, frozen all the way down, and therefore fit to be shared. */
const frozen = new WeakSet<object>();

/**
 * A copy of plain JSON data that nobody can change. What goes into the store and what comes out of it passes here,
 * so that caller and store never share memory that changes, and so that a value is stored as Redis would: without what
 * JSON lacks. What is such a copy already is not copied again.
 */
export function frozenJson<T>(value: T): T;
export function frozenJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return isJson(value) ? value : viaText(value);
  return frozenObject(value);
}

function frozenObject(value: object): unknown {
  if (frozen.has(value)) return value;
  if (Array.isArray(value))
    return sealed(Array.from(value, (each: unknown) => memberOf(each) ?? null));
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === null;
  if (!isPlain || 'toJSON' in value || Object.hasOwn(value, '__proto__')) return viaText(value);
  const copy: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) {
    const member = memberOf(part);
    if (member !== undefined) copy[name] = member;
  }
  return sealed(copy);
}

/** Undefined: JSON leaves it out. */
function memberOf(part: unknown): unknown {
  if (typeof part === 'object' && part !== null) return frozenObject(part);
  return isJson(part) ? part : viaText(part);
}

/** Every other primitive changes on its way through text, or has none. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}

/** The long way, which says what is right. */
function viaText(value: unknown): unknown {
  const text = JSON.stringify(value);
  if (text === undefined) return undefined;
  return JSON.parse(text, (_name, part: unknown) =>
    typeof part === 'object' && part !== null ? sealed(part) : part,
  );
}

function sealed<T extends object>(copy: T): T {
  frozen.add(copy);
  return Object.freeze(copy);
}
