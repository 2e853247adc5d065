import { joineryError, type RecordedEvent, type RunId } from '@joinery/core';
import { type RunStore } from '@joinery/store';
import { type Workload } from './workload.ts';

type Reads = Pick<RunStore, 'find' | 'rows' | 'payload' | 'history'>;

/** Events per read. */
const PAGE = 1_000;

/**
 * Throws unless the run is COMPLETED with the payload as its result, each of its tasks is COMPLETED, and its history is
 * on: versions 1..n without a gap up to the run's own, with a start and an end of every task that a worker has run.
 */
export async function verifyRun(store: Reads, id: RunId, workload: Workload): Promise<void> {
  const [run, rows, output, history] = await Promise.all([
    store.find(id),
    store.rows(id),
    store.payload(id, 'run:output'),
    readWholeHistory(store, id),
  ]);
  const completedCount = rows.filter(({ status }) => status === 'COMPLETED').length;
  const count = (type: string): number => history.filter(({ event }) => event.type === type).length;
  const found = {
    status: run?.status,
    allCompleted: completedCount === rows.length,
    output,
    version: run?.version,
    gaps: history.filter(({ version }, index) => version !== index + 1).length,
    started: count('task.started'),
    completed: count('task.completed'),
  };
  const expected: typeof found = {
    status: 'COMPLETED',
    allCompleted: true,
    output: { payload: workload.payload },
    version: history.length,
    gaps: 0,
    started: Math.max(found.started, workload.taskCount),
    completed: workload.taskCount,
  };
  if (JSON.stringify(found) === JSON.stringify(expected)) return;
  const problem = `it ended as ${JSON.stringify(found)}`;
  throw joineryError('JN_INVARIANT_BROKEN', { what: `run ${id}`, problem });
}

/** Every event of a run, page by page. */
export async function readWholeHistory(
  store: Pick<RunStore, 'history'>,
  id: RunId,
): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await store.history(id, events.length + 1, PAGE);
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}

/**
 * From the last result that came in before the last task started, to that start, by the store's clock, ms; null for a
 * history without two tasks. In a workflow that ends with a join and one task: what the join has taken.
 */
export function successionMsOf(history: readonly RecordedEvent[]): number | null {
  const start = history.findLastIndex(({ event }) => event.type === 'task.started');
  const arrival = history
    .slice(0, Math.max(0, start))
    .findLast(({ event }) => event.type === 'task.completed');
  const started = history[start];
  return started === undefined || arrival === undefined ? null : started.at - arrival.at;
}
