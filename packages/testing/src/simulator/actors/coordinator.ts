import { type RunId } from '@joinery/core';
import { decideRun } from '@joinery/engine';
import { type SimProcess } from '../sim-process.ts';

const signal = new AbortController().signal;

/** As in production. */
const CONCURRENCY = 16;

/** Decides the runs for which nudges come in, many at a time; what it fails to decide, the sweeper asks for again. */
export async function coordinate(process: SimProcess): Promise<void> {
  const inflight = new Set<RunId>();
  const again = new Set<RunId>();
  const accept = (runId: RunId): void => {
    if (inflight.has(runId)) return void again.add(runId);
    inflight.add(runId);
    process.spawn(async () => {
      await process.attempt(() => decide(process, runId));
      inflight.delete(runId);
      if (again.delete(runId)) accept(runId);
    });
  };
  for (;;) {
    await process.attempt(async () => {
      const runIds = await process.engine.nudges.pop(0, CONCURRENCY, signal);
      for (const runId of runIds) accept(runId);
    });
  }
}

async function decide(process: SimProcess, runId: RunId): Promise<void> {
  for (;;) {
    const outcome = await decideRun(process.engine, runId);
    if (outcome.type === 'busy') {
      process.spawn(async () => {
        await process.sleep(outcome.retryAfterMs);
        await process.attempt(() => decide(process, runId));
      });
    }
    if (outcome.type !== 'decided' || !outcome.hasMore) return;
  }
}
