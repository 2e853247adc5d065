/**
 * A copy of plain JSON data that nobody can change. What goes into the store and what comes out of it passes here,
 * so that caller and store never share memory, and so that a value is stored as Redis would: without what JSON lacks.
 */
export function frozenJson<T>(value: T): T {
  const copy: T = JSON.parse(JSON.stringify(value), (_name, part: unknown) => Object.freeze(part));
  return copy;
}
