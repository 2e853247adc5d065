/*
 * Ownership: none; a place is kept for 10 s at its gate for whom is called here.
 * Interface: callWaiting, by whoever has entered, left or advanced a gate.
 * Invariant: who is called and does not come (we died, its job is lost) is called again after others: the sweeper
 * advances the gate as long as somebody waits.
 */
import { isTerminalTask, parseRunId, type RunId, type TaskKey, taskKeyOf } from '@joinery/core';
import { z } from 'zod';
import { type Engine } from '../engine.ts';
import { memberOf } from './gate-member.ts';
import { handBackTask } from '../tasks/hand-back-task.ts';

/** Each that is called and does not want its place any more leads to others: the sweeper takes what is left. */
const CALLS_LIMIT = 256;

const waitingTask = z.object({
  gate: z.string(),
  runId: z.string(),
  key: z.string(),
  attempt: z.number(),
  definition: z.string(),
});

/** What a gate keeps of an attempt that waits. */
export function waitingTaskOf(
  gate: string,
  task: { readonly runId: RunId; readonly key: TaskKey; readonly attempt: number },
  definition: string,
): string {
  const { runId, key, attempt } = task;
  return JSON.stringify({ gate, runId, key, attempt, definition });
}

/** Sends those on their way for whom a gate keeps a place. Never rejects: who is not called now is called later. */
export async function callWaiting(engine: Engine, jobs: readonly string[]): Promise<void> {
  const waiting = [...jobs];
  for (let calls = 0; calls < CALLS_LIMIT; calls += 1) {
    const job = waiting.shift();
    if (job === undefined) return;
    try {
      waiting.push(...(await callOne(engine, job)));
    } catch (err) {
      engine.logger.warn(
        { event: 'gate.not-called', err },
        'a task whose turn it is could not be sent; it is called again',
      );
    }
  }
}

async function callOne(engine: Engine, job: string): Promise<readonly string[]> {
  const { gate, key: name, attempt, definition, ...task } = waitingTask.parse(JSON.parse(job));
  const [runId, key] = [parseRunId(task.runId), taskKeyOf(name)];
  if (runId === null) return [];
  const read = await engine.store.read(runId, { rows: [key], data: [], arrivals: [] });
  const row = read?.rows.get(key) ?? null;
  const isWaiting = row !== null && row.attempt === attempt && !isTerminalTask(row.status);
  if (isWaiting) {
    const claim = { runId, key, attempt, dispatch: row.dispatch, token: '' };
    const reply = await handBackTask(engine, { ...claim, definition, traceId: '' });
    if (reply.type === 'redelivered') return [];
  }
  return engine.gates.leave({ gate, member: memberOf(runId, key, attempt), token: '' });
}
