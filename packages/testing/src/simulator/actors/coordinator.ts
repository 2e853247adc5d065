import { type RunId } from '@joinery/core';
import { decideRun } from '@joinery/engine';
import { type SimProcess } from '../sim-process.ts';

const signal = new AbortController().signal;

/** Decides the runs for which nudges come in; what it fails to decide, the sweeper asks for again. */
export async function coordinate(process: SimProcess): Promise<void> {
  for (;;) {
    await process.attempt(async () => {
      const runIds = await process.engine.nudges.pop(0, 16, signal);
      for (const runId of runIds) await decide(process, runId);
    });
  }
}

async function decide(process: SimProcess, runId: RunId): Promise<void> {
  for (;;) {
    const outcome = await decideRun(process.engine, runId);
    if (outcome.type === 'busy') {
      process.spawn(async () => {
        await process.sleep(outcome.retryAfterMs);
        await decide(process, runId);
      });
    }
    if (outcome.type !== 'decided' || !outcome.hasMore) return;
  }
}
