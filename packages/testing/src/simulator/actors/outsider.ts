import { type RunId, type TaskRow } from '@joinery/core';
import { completeTask } from '@joinery/engine';
import { type SimProcess } from '../sim-process.ts';

const EVERY_MS = 200;

const WAITING: ReadonlySet<string> = new Set(['WAIT', 'HUMAN', 'YIELD']);

/** Completes the tasks that nothing but an answer from outside ends. */
export async function answer(process: SimProcess): Promise<void> {
  const { watch } = process.world;
  for (;;) {
    await process.sleep(EVERY_MS);
    for (const runId of watch.live) {
      for (const row of openWaits(process, runId)) {
        await process.attempt(() => complete(process, runId, row));
      }
    }
  }
}

function openWaits({ world: { store } }: SimProcess, runId: RunId): readonly TaskRow[] {
  const run = store.peek(runId);
  return Object.values(run?.tasks ?? {}).filter(
    ({ type, status, key }) =>
      WAITING.has(type) && status === 'IN_PROGRESS' && run?.timers[`wait:${key}`] === undefined,
  );
}

async function complete(
  { engine }: SimProcess,
  runId: RunId,
  { key, attempt }: TaskRow,
): Promise<void> {
  const result = { status: 'COMPLETED', output: {}, reason: '', token: '' } as const;
  await completeTask(engine, { runId, key, attempt, ...result });
}
