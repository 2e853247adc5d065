import { isTerminalTask } from '../../run/status.ts';
import type { TaskKey } from '../../run/ids.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { parseTimer } from '../../run/timer.ts';
import type { Draft } from './draft.ts';
import { isChoice } from './taken-case.ts';
import { wantSettled, wantTasks, type Wanted } from './wanted.ts';

/*
 * What a decision is going to read is asked for in one go, instead of one by one as it is met.
 */

/** Ask for what entering these tasks reads. */
export function prefetchTasks(draft: Draft, keys: readonly TaskKey[]): void {
  const wanted = nothing();
  wantTasks(draft, keys, wanted);
  require(draft, wanted);
}

/** Ask for what acting on the to-do list, and on waits that are over, reads. */
export function prefetchWork(draft: Draft): void {
  const { todo, due } = draft.slice;
  const over = due.map((timer) => parseTimer(timer)).filter((timer) => timer?.kind === 'wait');
  const keys = [...todo, ...over.flatMap((timer) => timer?.key ?? [])];
  if (keys.length === 0) return;
  draft.require({ rows: keys, data: [], arrivals: [] });
  const wanted = nothing();
  const rows = keys.map((key) => draft.row(key)).filter((row) => row !== null);
  const after = rows.flatMap((row) => wantSettled(draft, row, wanted));
  wantTasks(draft, after, wanted);
  require(draft, wanted);
}

/** Ask for the payloads that a full evaluation reads beside the rows. */
export function prefetchWhole(draft: Draft, rows: readonly TaskRow[]): void {
  const wanted = nothing();
  for (const { key, type, status, origin } of rows) {
    const isOpen = !isTerminalTask(status);
    if (isChoice({ type }) && !isOpen) wanted.data.add(`o:${key}`);
    if (type === 'FORK_JOIN_DYNAMIC' || (type === 'WAIT' && isOpen)) wanted.data.add(`i:${key}`);
    if (origin !== null && isOpen) wanted.data.add(`i:${origin.fork}`);
  }
  require(draft, wanted);
}

function nothing(): Wanted {
  return { rows: new Set(), data: new Set(), arrivals: new Set() };
}

function require(draft: Draft, { rows, data, arrivals }: Wanted): void {
  draft.require({ rows: [...rows], data: [...data], arrivals: [...arrivals] });
}
