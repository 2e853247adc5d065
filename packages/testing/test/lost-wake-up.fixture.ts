import { setTimeout as delay } from 'node:timers/promises';
import { type RunId } from '@joinery/core';
import { createEngine, type DecideLocks, decideRun, type Engine } from '@joinery/engine';
import { createLoop, type Service } from '@joinery/kit';
import { createLockProvider, type LockDriverName } from '@joinery/store';
import { judgeSystem, type SeededRun } from '../src/chaos/judge-system.ts';
import {
  type LocalSystem,
  type LocalSystemOptions,
  openLocalSystem,
} from '../src/chaos/local-system.ts';
import { stepTask } from '../src/chaos/step-task.ts';
import { lyingLocks } from '../src/chaos/test-lock.ts';
import { type HistoryVerdict } from '../src/history/check-history.ts';
import { eventually } from '../src/index.ts';
import { crazyNestedForkJoin } from '../src/workloads/known-workloads.ts';

/** The strategy that loses wake-ups, as it was found in the wild: acquire the lock, or return. */
function acquireOrReturn(engine: Engine, locks: DecideLocks): (runId: RunId) => Promise<void> {
  // The real locking is done around it.
  const decider = createEngine({ ...engine, locks: lyingLocks });
  return async (runId) => {
    const options = { use: 'decide', timeToTryMs: 0, leaseMs: 60_000 } as const;
    const lock = await locks.acquire(runId, options);
    if (lock === null) return;
    await decideRun(decider, runId);
    await lock.release();
  };
}

/** A coordinator with that strategy. */
export function naiveCoordinator(engine: Engine, locks: DecideLocks): Service {
  const decide = acquireOrReturn(engine, locks);
  const inflight = new Set<Promise<void>>();
  const loop = createLoop({
    name: 'naive',
    intervalMs: () => 0,
    logger: engine.logger,
    pass: async (signal) => {
      for (const runId of await engine.nudges.pop(100, 16, signal)) {
        const deciding = decide(runId).finally(() => inflight.delete(deciding));
        inflight.add(deciding);
      }
    },
  });
  return {
    name: 'naive',
    start: async () => loop.start(),
    drain: async () => {
      await loop.stop(1_000);
      await Promise.allSettled(inflight);
    },
    stop: async () => void (await loop.stop(1_000)),
  };
}

/**
 * How long a decider holds the lock after it has handed on what it decided, ms, on both sides of the comparison. Where the
 * bug was found it was seconds, for saving a large join. What follows completes in less: its signal meets a held lock.
 */
const HOLD_MS = 60;

async function holdAfterEnqueue(point: string): Promise<void> {
  if (point === 'after-enqueue') await delay(HOLD_MS);
}

/** How a system of the comparison is set up. */
export interface ComparedSystem {
  readonly url: string;
  readonly coordinator?: (engine: Engine) => Service;
  readonly ports?: LocalSystemOptions['ports'];
  readonly env?: Readonly<Record<string, string>>;
}

/** Four deciders, one worker, no sweeper: nothing but the fast path brings a run to its end. */
export function openWithoutSweeper(options: ComparedSystem): Promise<LocalSystem> {
  const { url, coordinator, ports, env } = options;
  return openLocalSystem({
    url,
    // BullMQ's part is the same on both sides, and the larger part of the time.
    queue: 'memory',
    tasks: [stepTask()],
    // What comes with a result needs no lock and loses no signal: it would hide the difference.
    isCarrying: false,
    coordinators: 4,
    sweepers: 0,
    ...(env && { env }),
    ...(coordinator && { coordinator }),
    ports: (engine, role) => ({ crashPoint: holdAfterEnqueue, ...ports?.(engine, role) }),
  });
}

/** A lock provider over the system's Redis. */
export async function locksOf(system: LocalSystem, driver: LockDriverName): Promise<DecideLocks> {
  const { redis } = system.client;
  return createLockProvider({ driver, redis, liveProcesses: async () => 1 });
}

/** Starts `count` runs with the seeds 0, 1, 2 … */
export async function startSeeded(
  system: LocalSystem,
  count: number,
): Promise<readonly SeededRun[]> {
  const seeds = Array.from({ length: count }, (_, index) => index);
  const runIds = await system.start(crazyNestedForkJoin(), seeds);
  return runIds.map((runId, seed) => ({ runId, seed }));
}

/** Waits until nothing has moved for a second; answers the runs that have not ended. */
export async function standstill(
  system: LocalSystem,
  runs: readonly SeededRun[],
): Promise<readonly RunId[]> {
  let moves = -1;
  await eventually(
    () => {
      const isStill = moves === system.seen.moves;
      moves = system.seen.moves;
      return isStill || system.seen.ended.size === runs.length;
    },
    { withinMs: 60_000, everyMs: 1_000 },
  );
  return runs.map(({ runId }) => runId).filter((runId) => !system.seen.ended.has(runId));
}

/** Waits until all runs have ended. */
export async function allEnded(
  system: LocalSystem,
  runs: readonly SeededRun[],
  withinMs: number,
): Promise<void> {
  await eventually(
    () => {
      const left = runs.length - system.seen.ended.size;
      if (left > 0) throw new Error(`${left} of ${runs.length} runs have not ended`);
    },
    { withinMs, everyMs: 50 },
  );
}

/** Judges the runs of a local system; nobody keeps a ledger there. */
export function judge(system: LocalSystem, runs: readonly SeededRun[]): Promise<HistoryVerdict> {
  const { commits } = system.seen;
  const workload = crazyNestedForkJoin();
  return judgeSystem(system.client.store, { workload, runs, ledger: null, commits });
}
