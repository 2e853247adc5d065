/*
 * Ways in which a run can come apart from its queues or from itself, made with raw commands on another connection.
 * Each leaves a run that no ordinary event will ever wake: only a repair moves it on.
 */
import {
  type RepairKind,
  requestedRunOf,
  type RunId,
  taskIdOf,
  type TaskKey,
  taskKeyOf,
} from '@joinery/core';
import { claimTask, completeTask, decideRun, type Engine } from '@joinery/engine';
import { type TaskJob } from '@joinery/queues';
import {
  createKeyBuilder,
  decodeState,
  encodeState,
  type PartitionKeys,
  type RunKeys,
  type StoredState,
} from '@joinery/store';
import { type Redis } from 'ioredis';
import { STEP_TASK, stepInputSchema, stepValue } from '../workloads/workload.ts';

/** A run whose only open task is `before`, with nobody at work. */
export interface Target {
  readonly runId: RunId;
  readonly engine: Engine;
  /** Not a connection of any engine. */
  readonly raw: Redis;
}

/** Kinds of repair that a divergence is known for. */
export const DIVERGENCES = [
  'lost-job',
  'orphan-job',
  'claim-ended',
  'no-open-task',
  'join-not-fired',
  'lost-successor',
  'unsettled-task',
  'lost-timer',
  'wrong-count',
  'parent-not-notified',
] as const satisfies readonly RepairKind[];
/** One of {@link DIVERGENCES}. */
export type Divergence = (typeof DIVERGENCES)[number];

const BEFORE = taskKeyOf('before');

/**
 * Brings a run of `wideFork(2)`, or of `family()` where a parent is to be kept waiting, into the state from which the
 * divergence follows, and makes it diverge.
 */
export async function diverge(kind: Divergence, target: Target): Promise<void> {
  // A mark that came later would bring back what is deleted here.
  await target.engine.sentMarks.flush();
  await ways[kind](target);
}

const ways: Readonly<Record<Divergence, (target: Target) => Promise<void>>> = {
  'lost-job': (target) => deleteJob(target, BEFORE),
  'orphan-job': async (target) => {
    const job = await jobOf(target, BEFORE);
    await finish(target, BEFORE);
    await decide(target);
    await target.engine.queue.enqueue([job]);
  },
  'claim-ended': async (target) => {
    const { engine, raw, runId } = target;
    const job = await jobOf(target, BEFORE);
    await claimTask(engine, { job, worker: 'dead', leaseMs: 60_000 });
    await deleteJob(target, BEFORE);
    const { run, partition } = keysOf(target);
    await raw.zadd(run.watch, 1, `lease:${BEFORE}`);
    await raw.zadd(partition.attention, 1, runId);
  },
  'no-open-task': async (target) => {
    const { run } = keysOf(target);
    await deleteJob(target, BEFORE);
    await target.raw.hdel(run.tasks, BEFORE);
    await target.raw.del(run.watch, run.outbox);
    await editState(target, () => ({ open: 0 }));
  },
  'join-not-fired': async (target) => {
    await finish(target, BEFORE);
    await decide(target);
    await finish(target, taskKeyOf('b_0'));
    await finish(target, taskKeyOf('b_1'));
    await settleUnseen(target, taskKeyOf('b_1'));
  },
  'lost-successor': async (target) => {
    await finish(target, BEFORE);
    await settleUnseen(target, BEFORE);
  },
  'unsettled-task': async (target) => {
    await finish(target, BEFORE);
    await forgetSignal(target);
  },
  'lost-timer': async (target) => {
    await deleteJob(target, BEFORE);
    await target.raw.zrem(keysOf(target).run.watch, `check:${BEFORE}`);
  },
  'wrong-count': async (target) => {
    await editState(target, () => ({ open: 7 }));
  },
  'parent-not-notified': async (target) => {
    const { engine, raw } = target;
    const child = { ...target, runId: await childOf(target) };
    await finish(child, BEFORE);
    await decideRun(deafToResults(engine), child.runId);
    const { run, partition } = keysOf(child);
    const letterId = `notify-parent:${BEFORE}@1`;
    await raw.hdel(run.outbox, letterId);
    await raw.zrem(partition.unsent, `${child.runId} ${letterId}`);
    await raw.zrem(partition.attention, child.runId);
  },
};

/** The run that carries out `before`. */
async function childOf({ engine, runId }: Target): Promise<RunId> {
  const [row] = await engine.store.rows(runId);
  const child = row === undefined ? null : requestedRunOf(row);
  if (child === null) throw new Error(`run ${runId} has no child`);
  return child;
}

/** An engine that cannot tell a parent of its child's end. */
function deafToResults(engine: Engine): Engine {
  return { ...engine, store: { ...engine.store, complete: refuse } };
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('nobody is to be told'));
}

function keysOf({ engine, runId }: Target): { run: RunKeys; partition: PartitionKeys } {
  const keys = createKeyBuilder('jn', engine.store.partitions);
  return { run: keys.run(runId), partition: keys.partition(Number.parseInt(runId, 16)) };
}

async function jobOf({ engine, runId }: Target, key: TaskKey): Promise<TaskJob> {
  const row = (await engine.store.rows(runId)).find((each) => each.key === key);
  const run = await engine.store.find(runId);
  if (row === undefined || run === null) throw new Error(`run ${runId} has no task ${key}`);
  const { attempt, dispatch, ref } = row;
  const { definition } = run;
  const taskId = taskIdOf(runId, key);
  return {
    runId,
    key,
    taskId,
    attempt,
    dispatch,
    taskType: STEP_TASK,
    definition,
    ref,
    priority: 99,
  };
}

/** The job is gone from wherever BullMQ keeps it. */
async function deleteJob(target: Target, key: TaskKey): Promise<void> {
  const { taskId, attempt, dispatch } = await jobOf(target, key);
  const jobId = `${taskId}.${attempt}.${dispatch}`;
  const queue = `bull:${STEP_TASK}`;
  await target.raw.del(`${queue}:${jobId}`);
  await target.raw.zrem(`${queue}:prioritized`, jobId);
}

/** What a worker does, without the job. */
async function finish(target: Target, key: TaskKey): Promise<void> {
  const { engine, runId } = target;
  const job = await jobOf(target, key);
  await deleteJob(target, key);
  const claim = await claimTask(engine, { job, worker: 'w', leaseMs: 60_000 });
  if (claim.type !== 'claimed') throw new Error(`claim of ${key} answered ${claim.type}`);
  const input = stepInputSchema.parse(claim.input);
  const output = { ref: input.ref, value: stepValue(input) };
  const { token } = claim;
  const result = { status: 'COMPLETED', output, reason: '' } as const;
  await completeTask(engine, { runId, key, attempt: job.attempt, token, ...result });
}

async function decide(target: Target): Promise<void> {
  await decideRun(target.engine, target.runId);
  await target.engine.sentMarks.flush();
}

/** Changes the run's counters behind the store's back. */
async function editState(
  target: Target,
  change: (state: StoredState) => Partial<StoredState>,
): Promise<void> {
  const { run } = keysOf(target).run;
  const state = decodeState((await target.raw.hget(run, 'state')) ?? '');
  await target.raw.hset(run, 'state', encodeState({ ...state, ...change(state) }));
}

/** As if a decision had seen what came last. */
async function forgetSignal(target: Target): Promise<void> {
  const { run } = keysOf(target);
  await editState(target, ({ dirty }) => ({ seen: dirty, dirtyAt: 0 }));
  await target.raw.del(run.todo);
}

/** As if a decision had acted on the task, and what it did had been lost. */
async function settleUnseen(target: Target, key: TaskKey): Promise<void> {
  const { run } = keysOf(target);
  const stored = (await target.raw.hget(run.tasks, key)) ?? '';
  await target.raw.hset(run.tasks, key, stored.replace('{', '{"isSettled":true,'));
  await editState(target, ({ open }) => ({ open: Number(open) - 1 }));
  await forgetSignal(target);
}
