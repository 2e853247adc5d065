import { conductorTaskIdOf } from '@joinery/contract';
import {
  isOperatorType,
  measureJson,
  type RunId,
  type RunState,
  type TaskRow,
  workerTypeOf,
} from '@joinery/core';
import { type Agenda, type RunStore } from '@joinery/store';
import { bodyOf } from '../schedules/agenda-ports.ts';
import { type DeadCause, type DeadLetter, presentRows } from './dead-letter.ts';

/** What burying stands on. */
export interface BuryPorts {
  readonly store: Pick<RunStore, 'find' | 'rows' | 'payload'>;
  readonly deadLetters: Agenda;
}

/** What is kept in the letter itself; as much as stands inline in a run. */
const INPUT_BOUNDS = { maxSize: 32 * 1024, maxDepth: 100 } as const;
const DEAD_STATUSES: ReadonlySet<string> = new Set([
  'FAILED',
  'FAILED_WITH_TERMINAL_ERROR',
  'TIMED_OUT',
]);

/**
 * Makes the dead letters of a run that has failed; of any other run, none. Idempotent: a letter is made once per attempt,
 * whatever has become of it since. Whoever notices ends of runs calls it before he forgets that he has noticed.
 */
export async function buryDead(ports: BuryPorts, runId: RunId): Promise<number> {
  const run = await ports.store.find(runId);
  if (run === null || (run.status !== 'FAILED' && run.status !== 'TIMED_OUT')) return 0;
  const dead = presentRows(await ports.store.rows(runId)).filter(isDead);
  let count = 0;
  for (const row of dead) if (await buryOne(ports, run, row)) count += 1;
  return count;
}

/** A worker's task for which the run could not go on; children have letters of their own. */
function isDead({ status, type, isOptional, shadow }: TaskRow): boolean {
  return DEAD_STATUSES.has(status) && !isOperatorType(type) && !isOptional && shadow === undefined;
}

async function buryOne(
  { store, deadLetters }: BuryPorts,
  run: RunState,
  row: TaskRow,
): Promise<boolean> {
  const id = conductorTaskIdOf({ runId: run.id, key: row.key, attempt: row.attempt });
  if ((await deadLetters.find(id)) !== null) return false;
  const input = (await store.payload(run.id, `i:${row.key}`)) ?? {};
  const letter: DeadLetter = {
    id,
    runId: run.id,
    key: row.key,
    attempt: row.attempt,
    definition: run.definition,
    definitionVersion: run.definitionVersion,
    traceId: run.traceId,
    correlationId: run.correlationId,
    taskType: workerTypeOf(row),
    cause: causeOf(row),
    reason: row.reason,
    worker: row.worker,
    deliveries: row.deliveries,
    diedAt: row.endedAt,
    input: measureJson(input, INPUT_BOUNDS).ok ? input : null,
    status: 'open',
  };
  const event = { type: 'died', at: row.endedAt, actor: row.worker, reason: row.reason };
  const body = bodyOf(letter);
  return deadLetters.commit({ id, from: null, revision: id, body, dueAt: null, log: [event] });
}

function causeOf({ status, reason }: TaskRow): DeadCause {
  if (reason.startsWith('WORKER_LOST')) return 'poisoned';
  return status === 'TIMED_OUT' ? 'timed-out' : 'exhausted';
}
