import {
  isTerminalRun,
  letterIdOf,
  requestedRunOf,
  type RunId,
  type StrayChild,
  type TaskKey,
  type TaskRow,
} from '@joinery/core';
import { childOutcome } from '../letters/child-outcome.ts';
import { type Engine } from '../engine.ts';

/** Children that are looked at together: a call or two each. */
const PAGE = 16;

/**
 * The open tasks whose run is not as they say, with no letter on its way that would mend it. A letter is asked for
 * before the run that it starts, and after the run whose end it tells: so what was delivered meanwhile is never stray,
 * or the sender's version has moved.
 */
export async function findStrays(
  engine: Engine,
  runId: RunId,
  rows: Iterable<TaskRow | null>,
): Promise<ReadonlyMap<TaskKey, StrayChild>> {
  const waiting = [...rows].flatMap((row) => {
    const to = row === null ? null : requestedRunOf(row);
    return row === null || to === null ? [] : [{ row, to }];
  });
  const strays = new Map<TaskKey, StrayChild>();
  for (let from = 0; from < waiting.length; from += PAGE) {
    const page = waiting.slice(from, from + PAGE);
    const found = await Promise.all(page.map((each) => strayOf(engine, runId, each)));
    for (const [index, { row }] of page.entries()) {
      const stray = found[index] ?? null;
      if (stray !== null) strays.set(row.key, stray);
    }
  }
  return strays;
}

async function strayOf(
  engine: Engine,
  runId: RunId,
  { row, to }: { readonly row: TaskRow; readonly to: RunId },
): Promise<StrayChild | null> {
  const { key, attempt } = row;
  const type = row.type === 'SUB_WORKFLOW' ? 'start-child' : 'start-run';
  if (await engine.store.hasLetter(runId, letterIdOf({ type, to, key, attempt }))) return null;
  // Whoever starts a run completes the task first, and takes the letter away then.
  if (type === 'start-run') return { type: 'absent' };
  const child = await engine.store.find(to);
  if (child === null) return { type: 'absent' };
  if (!isTerminalRun(child.status)) return null;
  const notice = letterIdOf({ type: 'notify-parent', to: runId, key, attempt });
  if (await engine.store.hasLetter(to, notice)) return null;
  return { type: 'ended', ...(await childOutcome(engine, child)) };
}
