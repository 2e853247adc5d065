/** Bounds of a JSON value. */
export interface JsonBounds {
  /** Characters of JSON text, escapes not counted. */
  readonly maxSize: number;
  /** Nested lists and objects. */
  readonly maxDepth: number;
}

/** Size of a JSON value, or why it is not one within the bounds. */
export type JsonMeasure =
  | { readonly ok: true; readonly size: number }
  | { readonly ok: false; readonly problem: 'too-large' | 'too-deep' | 'not-json' };

/**
 * Measures a value without recursion and stops at the first bound that is broken, so that a value
 * shared a thousand times, a cycle or a hostile nesting costs no more than the bounds allow.
 */
export function measureJson(value: unknown, bounds: JsonBounds): JsonMeasure {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  let size = 0;
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const own = ownSize(entry.value);
    if (own < 0) return { ok: false, problem: 'not-json' };
    size += own;
    if (size > bounds.maxSize) return { ok: false, problem: 'too-large' };
    if (typeof entry.value !== 'object' || entry.value === null) continue;
    if (entry.depth >= bounds.maxDepth) return { ok: false, problem: 'too-deep' };
    for (const child of Object.values(entry.value)) {
      open.push({ value: child, depth: entry.depth + 1 });
    }
  }
  return { ok: true, size };
}

/** Size of a value without its children; -1 when JSON has no such value. */
function ownSize(value: unknown): number {
  if (value === null) return 4;
  if (typeof value === 'string') return value.length + 2;
  if (typeof value === 'boolean') return value ? 4 : 5;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value).length : -1;
  if (typeof value !== 'object') return -1;
  if (Array.isArray(value)) return isDense(value) ? 2 + value.length : -1;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return -1;
  return Object.keys(value).reduce((sum, key) => sum + key.length + 4, 2);
}

// A hole would become null in JSON: what is stored would not be what was checked.
function isDense(list: readonly unknown[]): boolean {
  return Object.keys(list).length === list.length;
}
