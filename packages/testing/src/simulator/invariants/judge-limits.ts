import { type TaskRow } from '@joinery/core';
import { type RunSnapshot } from '@joinery/store';

/**
 * Limits of tasks: of those that are limited to so many at a time, or so many per key, no more have a claim that holds.
 * `accuse` hears of each that has more.
 */
export function judgeLimits(
  runs: readonly RunSnapshot[],
  at: number,
  accuse: (what: string) => void,
): void {
  const holders = new Map<string, number>();
  for (const { watch, tasks } of runs) {
    for (const row of Object.values(tasks)) {
      const isHeld = (watch[`lease:${row.key}`] ?? 0) > at && row.status === 'IN_PROGRESS';
      if (!isHeld) continue;
      for (const { name, max } of boundsOf(row)) {
        const count = (holders.get(name) ?? 0) + 1;
        holders.set(name, count);
        if (count === max + 1) accuse(`${count} claims hold at ${name}, which has room for ${max}`);
      }
    }
  }
}

function boundsOf({ limits }: TaskRow): readonly { readonly name: string; readonly max: number }[] {
  if (limits === undefined) return [];
  const { gate, max, key, keyMax } = limits;
  return [
    ...(max > 0 ? [{ name: gate, max }] : []),
    ...(keyMax > 0 ? [{ name: `${gate} of ${key}`, max: keyMax }] : []),
  ];
}
