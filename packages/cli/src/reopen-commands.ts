import {
  joineryError,
  type JsonObject,
  type Operation,
  parseTaskKey,
  taskKeyOf,
  visibleRows,
} from '@joinery/core';
import { decideRun, type Engine, operateRun, restartRun, signalRun } from '@joinery/engine';
import { exitCodes } from '@joinery/kit';
import { runIdOf } from './operate-commands.ts';
import { type Session } from './session.ts';
import { type Terminal } from './terminal.ts';

/** `joinery retry`, `skip`, `set-variables`: one operation, and what follows from it, decided here. */
export async function touch(
  terminal: Terminal,
  session: Session,
  request: { readonly id: string; readonly operation: Operation },
): Promise<number> {
  const runId = runIdOf(request.id);
  const { operation } = request;
  const { engine } = session.open;
  await operateRun(engine, { runId, operation, actor: `joinery ${operation.type}` });
  return settled(terminal, engine, request.id);
}

/** `joinery restart` */
export async function restart(
  terminal: Terminal,
  session: Session,
  request: { readonly id: string; readonly latest: boolean; readonly reason: string },
): Promise<number> {
  const { id, latest: useLatest, reason } = request;
  const { engine } = session.open;
  const operation = { reason };
  await restartRun(engine, {
    runId: runIdOf(id),
    operation,
    useLatest,
    actor: 'joinery restart',
  });
  return settled(terminal, engine, id);
}

/** `joinery rerun` */
export async function rerun(
  terminal: Terminal,
  session: Session,
  request: {
    readonly id: string;
    readonly task: string;
    readonly input?: JsonObject;
    readonly reason: string;
  },
): Promise<number> {
  const { id, task, input, reason } = request;
  const { ref, iterations } = parseTaskKey(task);
  const key = taskKeyOf(ref, iterations);
  const given = input === undefined ? {} : { taskInput: input };
  const operation = { type: 'rerun', key, reason, ...given } as const;
  return touch(terminal, session, { id, operation });
}

/** `joinery signal` */
export async function signal(
  terminal: Terminal,
  session: Session,
  request: {
    readonly id: string;
    readonly task?: string;
    readonly output: JsonObject;
    readonly status: 'COMPLETED' | 'FAILED' | 'FAILED_WITH_TERMINAL_ERROR' | 'IN_PROGRESS';
    readonly reason: string;
  },
): Promise<number> {
  const { id, task, ...said } = request;
  const { engine } = session.open;
  const runId = runIdOf(id);
  const to = task === undefined ? {} : { task };
  const found = await signalRun(engine, { runId, ...to, ...said, actor: 'joinery signal' });
  if (found === null) throw joineryError('JN_TASK_NOT_FOUND', { runId, task: task ?? 'WAIT' });
  terminal.out(`${found.row.key} of run ${found.runId} is told`);
  return settled(terminal, engine, found.runId);
}

/** What follows is decided here at once: perhaps no coordinator is live. Says what is open then. */
async function settled(terminal: Terminal, engine: Engine, id: string): Promise<number> {
  const runId = runIdOf(id);
  await decideRun(engine, runId);
  const run = await engine.store.find(runId);
  terminal.out(`the run is ${run?.status ?? 'gone'}`);
  for (const { key, attempt, status } of visibleRows(await engine.store.rows(runId))) {
    const isOpen = status === 'SCHEDULED' || status === 'IN_PROGRESS';
    if (isOpen) terminal.out(`  ${key} ${status}${attempt > 1 ? ` (attempt ${attempt})` : ''}`);
  }
  return exitCodes.ok;
}
