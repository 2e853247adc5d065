import { parseTaskId, type RunId, type TaskRow } from '@joinery/core';
import {
  beatClaims,
  claimTask,
  type ClaimedTask,
  completeTask,
  type GoOn,
  handBackTask,
  leaveGate,
} from '@joinery/engine';
import { type TaskJob } from '@joinery/queues';
import { type SimProcess } from '../sim-process.ts';

/** As in production. */
const LEASE_MS = 3_000;
const BEAT_MS = 1_000;
/** A worker that says nothing holds on for this long: longer than any time-out of generated definitions. */
const SILENCE_MS = 40_000;
/** Tries to store one result. */
const TRIES = 5;
/** Percent of claims that are handed back, as at a shutdown. */
const HAND_BACKS = 2;
/** Percent of offers to go on with a next task that are taken. */
const CONTINUATIONS = 70;

/** Takes jobs, and sees each through beside the others. */
export async function work(process: SimProcess): Promise<void> {
  const { world } = process;
  for (;;) {
    const job = await process.call({
      port: 'jobs',
      method: 'take',
      args: [],
      isReady: () => world.queue.hasDue(),
      run: () => takeAny(process),
    });
    if (job !== null) process.spawn(() => handle(process, job));
  }
}

function takeAny(process: SimProcess): TaskJob | null {
  const { queue, taskTypes } = process.world;
  const first = process.dice.below(taskTypes.length);
  for (let index = 0; index < taskTypes.length; index += 1) {
    const job = queue.take(taskTypes[(first + index) % taskTypes.length] ?? '');
    if (job === null) continue;
    process.jobs.add(job);
    return job;
  }
  return null;
}

async function handle(process: SimProcess, job: TaskJob): Promise<void> {
  const runId = parseTaskId(job.taskId)?.runId;
  if (runId === undefined) throw new Error(`${job.taskId} is no task`);
  if (isLeftAlone(process, runId, job)) return giveUp(process, job, null);
  let delayMs: number | null = null;
  const isAnswered = await process.attempt(async () => {
    const claim = await claimTask(process.engine, {
      job,
      worker: process.party.name,
      leaseMs: LEASE_MS,
    });
    if (claim.type === 'early') delayMs = claim.waitMs;
    let next = claim.type === 'claimed' ? claim : null;
    while (next !== null) {
      const { row, token } = next;
      next = await deliver(process, runId, next);
      if (row.name !== process.world.deadlyType) {
        await leaveGate(process.engine, runId, row, token);
      }
    }
  });
  await giveUp(process, job, isAnswered ? delayMs : 1_000);
}

/** The script says that nobody polls for this attempt until its poll time-out ends it. */
function isLeftAlone({ world }: SimProcess, runId: RunId, { key, attempt }: TaskJob): boolean {
  if (world.scriptOf(runId)(key, attempt).status !== 'SILENT') return false;
  return (world.store.peek(runId)?.tasks[key]?.pollTimeoutMs ?? 0) > 0;
}

/** The job is done, or waits again. */
async function giveUp(process: SimProcess, job: TaskJob, afterMs: number | null): Promise<void> {
  const { queue, clock, board, nobody } = process.world;
  await process.call({
    port: 'jobs',
    method: afterMs === null ? 'finish' : 'putBack',
    args: [job.key, job.attempt, job.dispatch],
    run: () => {
      process.jobs.delete(job);
      if (afterMs === null) return queue.finish(job);
      queue.putBack(job, afterMs);
    },
  });
  if (afterMs === null || afterMs === 0) return;
  const readyAt = clock.now() + afterMs;
  void board.park({ party: nobody, port: 'jobs', method: 'due', args: [], readyAt, run: ignore });
}

/** Sees one claim through; answers the task with which the worker goes on. */
async function deliver(
  process: SimProcess,
  runId: RunId,
  claim: ClaimedTask,
): Promise<ClaimedTask | null> {
  const { engine, dice, world } = process;
  const { row, token } = claim;
  const { key, attempt } = row;
  if (row.name === world.deadlyType) return null;
  if (dice.chance(HAND_BACKS)) {
    const { definition, traceId } = claim.run;
    const { dispatch } = row;
    await handBackTask(engine, { runId, key, attempt, dispatch, token, definition, traceId });
    return null;
  }
  const { status, output } = world.scriptOf(runId)(key, attempt);
  const isHeld = await execute(process, claim, {
    runId,
    key,
    attempt,
    token,
    leaseMs: LEASE_MS,
    ...(row.limits && { gate: row.limits.gate }),
  });
  if (!isHeld) return null;
  world.watch.noteExecution(runId, key, token);
  const result = {
    runId,
    key,
    attempt,
    token,
    output,
    reason: status === 'COMPLETED' ? '' : 'as scripted',
  };
  const stored = { ...result, status: status === 'SILENT' ? 'COMPLETED' : status } as const;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const claimed: ClaimedTask[] = [];
    const isStored = await process.attempt(async () => {
      const holding = { claimed: claim, goOn: goOnOf(process, runId) };
      const { next } = await completeTask(engine, stored, holding);
      if (next !== undefined) claimed.push(next);
    });
    if (isStored) return claimed[0] ?? null;
    await process.sleep(100);
  }
  return null;
}

/** Types are named after their tasks. Nobody takes up what the script leaves alone. */
function goOnOf({ world, dice, engine, party }: SimProcess, runId: RunId): GoOn {
  return {
    takes: (type) =>
      world.taskTypes.includes(type) &&
      world.scriptOf(runId)(type, 1).status !== 'SILENT' &&
      dice.chance(CONTINUATIONS),
    worker: party.name,
    leaseMs: LEASE_MS,
    token: engine.entropy.randomId(),
  };
}

/** The handler's time, with beats; false = the claim was lost meanwhile. */
async function execute(
  process: SimProcess,
  { row }: ClaimedTask,
  item: Omit<Parameters<typeof beatClaims>[1][number], 'isProgress'>,
): Promise<boolean> {
  const { world, dice, engine } = process;
  let leftMs = durationOf(process, item.runId, row);
  while (leftMs > 0) {
    const napMs = Math.min(leftMs, BEAT_MS);
    await process.sleep(napMs);
    leftMs -= napMs;
    if (leftMs <= 0) break;
    let isHeld = true;
    await process.attempt(async () => {
      const { status } = world.scriptOf(item.runId)(row.key, row.attempt);
      const isProgress = status !== 'SILENT' && dice.chance(50);
      [isHeld = false] = await beatClaims(engine, [{ ...item, isProgress }]);
    });
    if (!isHeld) return false;
  }
  return true;
}

function durationOf({ world, dice }: SimProcess, runId: RunId, row: TaskRow): number {
  if (world.scriptOf(runId)(row.key, row.attempt).status === 'SILENT') return SILENCE_MS;
  const { slowHandlers, family } = world.scenario;
  // A place at a gate is good for longer than a claim.
  const slowestMs = family === 'limited' ? 5_000 : 1_000;
  if (dice.chance(slowHandlers)) return LEASE_MS + 500 + dice.below(slowestMs);
  return dice.chance(60) ? 0 : dice.below(40);
}

function ignore(): void {
  // Time alone makes the job due; somebody must wait for that moment.
}
