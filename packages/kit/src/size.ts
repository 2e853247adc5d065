/** Sizes as people write them (`32KB`, `10MB`) and as code counts them: bytes. A KB is 1,024 bytes, as in Redis. */

/** Smallest first; each unit a whole number of the one before. */
const units: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KB', 1_024],
  ['MB', 1_048_576],
  ['GB', 1_073_741_824],
]);
const pattern = /^(\d{1,16})(B|KB|MB|GB)$/;

/** Reads a size such as `32KB` into bytes; units in any case, always required. Answers undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = pattern.exec(text.trim().toUpperCase());
  if (!match) return undefined;
  const bytes = Number(match[1]) * (units.get(match[2] ?? '') ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Writes whole bytes (from 0, else a RangeError) in the largest unit that loses nothing. */
export function formatSize(bytes: number): string {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new RangeError(`not whole bytes: ${bytes}`);
  if (bytes === 0) return '0B';
  const [unit, size] = [...units].findLast(([, each]) => bytes % each === 0) ?? ['B', 1];
  return `${bytes / size}${unit}`;
}
