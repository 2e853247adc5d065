import {
  letterIdOf,
  runIdOf,
  taskKeyOf,
  type Command,
  type DispatchLetter,
  type RunId,
  type TaskRow,
} from '@joinery/core';
import type { ClaimArgs, CommitArgs, RunStore, StartArgs } from '@joinery/store';

export const START_AT = 1_700_000_000_000;

/** A store with the clock that it goes by. */
export interface StoreUnderTest {
  readonly store: RunStore;
  readonly clock: { now: number };
  close(): Promise<void>;
}

/** Id of the n-th run of a partition. */
export function runId(index: number, partition = 0): RunId {
  return runIdOf(partition, `run-${String(index).padStart(8, '0')}`);
}

/** A task as the decider would first write it. */
export function rowOf(name: string, changes: Partial<TaskRow> = {}): TaskRow {
  return {
    key: taskKeyOf(name),
    ref: name,
    iteration: 0,
    type: 'SIMPLE',
    name: `do_${name}`,
    seq: 1,
    status: 'SCHEDULED',
    attempt: 1,
    dispatch: 1,
    deliveries: 0,
    maxDeliveries: 2,
    rev: 0,
    token: '',
    worker: '',
    isSettled: false,
    isTail: false,
    joins: {},
    isOptional: false,
    isPermissive: false,
    priority: 0,
    timeoutMs: 0,
    responseTimeoutMs: 0,
    pollTimeoutMs: 0,
    cursor: 0,
    origin: null,
    reason: '',
    scheduledAt: 0,
    firstScheduledAt: 0,
    startedAt: 0,
    endedAt: 0,
    ...changes,
  };
}

/** The letter that asks for a row's attempt. */
export function letterFor(row: TaskRow): DispatchLetter {
  const { key, ref, name, attempt, dispatch, priority } = row;
  return { type: 'dispatch', key, ref, taskType: name, attempt, dispatch, priority };
}

/** Write a row that does not exist yet, and send its letter. */
export function enter(row: TaskRow): readonly Command[] {
  return [
    { type: 'put-task', row, presumes: 0, isFresh: true, wasOpen: false },
    { type: 'put-data', field: `i:${row.key}`, value: { of: row.key } },
    { type: 'send', letter: letterFor(row) },
  ];
}

/** Write a row again, as a decision would that has read it. */
export function change(row: TaskRow, changes: Partial<TaskRow>, isFresh = false): Command {
  return {
    type: 'put-task',
    row: { ...row, ...changes },
    presumes: row.rev,
    isFresh,
    wasOpen: !row.isSettled,
  };
}

/** Arguments of a start. */
export function startOf(
  id: RunId,
  commands: readonly Command[] = [],
  changes: Partial<StartArgs> & { readonly idempotencyKey?: string } = {},
): StartArgs {
  const { idempotencyKey = '', ...rest } = changes;
  return {
    run: {
      id,
      definition: 'wf',
      definitionVersion: 1,
      planId: 'plan',
      priority: 0,
      correlationId: '',
      idempotencyKey,
      traceId: 'trace',
      domains: { a: 'eu' },
      input: { order: 7 },
      variables: {},
    },
    commands,
    nonce: 'n1',
    hasMore: false,
    actor: 'test:start',
    ...rest,
  };
}

/** Load (forced) and commit these commands: a decision that was made on the present state. */
export async function decideWith(
  store: RunStore,
  id: RunId,
  commands: readonly Command[],
  changes: Partial<CommitArgs> = {},
): Promise<Awaited<ReturnType<RunStore['commit']>>> {
  const args = await decisionOn(store, id, commands);
  return store.commit({ ...args, ...changes });
}

/** What would commit these commands on the present state. */
export async function decisionOn(
  store: RunStore,
  id: RunId,
  commands: readonly Command[],
): Promise<CommitArgs> {
  const loaded = await store.load({ runId: id, lock: null, isForced: true, actor: 'test:load' });
  if (loaded.type !== 'slice') throw new Error(`expected a slice, found ${loaded.type}`);
  const { decision, nonce, dirty } = loaded.slice.run;
  return {
    runId: id,
    decision,
    nonce,
    dirty,
    fence: loaded.fence,
    nextNonce: `n${decision + 1}`,
    hasMore: false,
    wasFull: false,
    commands,
    lock: null,
    requestId: '',
    actor: 'test:commit',
  };
}

/** A claim of the row's present dispatch. */
export function claimOf(
  id: RunId,
  name: string,
  token: string,
  changes: Partial<ClaimArgs> = {},
): ClaimArgs {
  return {
    runId: id,
    key: taskKeyOf(name),
    attempt: 1,
    dispatch: 1,
    token,
    worker: `w-${token}`,
    leaseMs: 3_000,
    actor: 'test:claim',
    ...changes,
  };
}

/** The stored row, which must be there. */
export async function storedRow(store: RunStore, id: RunId, name: string): Promise<TaskRow> {
  const key = taskKeyOf(name);
  const read = await store.read(id, { rows: [key], data: [], arrivals: [] });
  const row = read?.rows.get(key);
  if (row === undefined || row === null) throw new Error(`run ${id} has no task ${name}`);
  return row;
}

export { letterIdOf, taskKeyOf };
