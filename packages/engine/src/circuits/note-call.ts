import { type Command, type OutcomeStatus, type Slice, type TaskRow } from '@joinery/core';
import { type Engine } from '../engine.ts';

/**
 * Tells the breaker of a task's target what a call of it came to. A terminal error is an answer: who refuses a request is
 * well; one that was canceled says nothing. Without a breaker it does nothing. Never rejects.
 */
export async function noteCall(
  engine: Pick<Engine, 'breakers'>,
  { limits }: Pick<TaskRow, 'limits'>,
  { token, status }: { readonly token: string; readonly status: OutcomeStatus },
): Promise<void> {
  const circuit = limits?.circuit;
  if (circuit === undefined || status === 'CANCELED') return;
  const hasSucceeded = status === 'COMPLETED' || status === 'FAILED_WITH_TERMINAL_ERROR';
  await engine.breakers.note(circuit, { token, hasSucceeded });
}

/** The same for the attempts that a decision has timed out: their workers cannot say it any more. */
export async function noteTimeOuts(
  engine: Pick<Engine, 'breakers'>,
  { rows }: Pick<Slice, 'rows'>,
  commands: readonly Command[],
): Promise<void> {
  for (const command of commands) {
    if (command.type !== 'record' || command.event.type !== 'task.decided') continue;
    const { key, status } = command.event;
    const row = rows.get(key) ?? null;
    // Without a claim nobody has called.
    if (status !== 'TIMED_OUT' || row === null || row.token === '') continue;
    await noteCall(engine, row, { token: row.token, status });
  }
}
