import type { TaskKey } from './ids.ts';
import type { TaskRow } from './task-row.ts';

/** The rows that people are shown: not what a reset has taken back, and no wishes about tasks that are to come. */
export function visibleRows(rows: readonly TaskRow[]): readonly TaskRow[] {
  const takenBack = new Map<TaskKey, number>();
  for (const { key, attempt, shadow } of rows) {
    const isHidden = shadow === 'reset' || shadow === 'skip';
    if (isHidden) takenBack.set(key, Math.max(attempt, takenBack.get(key) ?? 0));
  }
  return rows.filter(({ key, attempt }) => attempt > (takenBack.get(key) ?? 0));
}
