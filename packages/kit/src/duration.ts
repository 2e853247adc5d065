/** Durations as people write them (`500ms`, `60s`, `5m`, `2h`, `7d`) and as code counts them: whole milliseconds. */

/** Smallest first; each unit a whole number of the one before. */
const units: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
const pattern = /^(\d{1,16})(ms|s|m|h|d)$/;

/**
 * Reads a duration such as `500ms` or `7d` into milliseconds. The unit is required: a bare number is the mistake of
 * seconds taken for milliseconds. Answers undefined for anything else, and beyond 2^53 ms.
 */
export function parseDuration(text: string): number | undefined {
  const match = pattern.exec(text.trim());
  if (!match) return undefined;
  const ms = Number(match[1]) * (units.get(match[2] ?? '') ?? Number.NaN);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** Writes whole milliseconds (from 0, else a RangeError) in the largest unit that loses nothing. */
export function formatDuration(ms: number): string {
  if (!Number.isSafeInteger(ms) || ms < 0) throw new RangeError(`not whole milliseconds: ${ms}`);
  if (ms === 0) return '0ms';
  const [unit, size] = [...units].findLast(([, each]) => ms % each === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}
