import { parseRunId, type RunId } from '@joinery/core';
import { type BundledEntry } from '../src/chaos/bundle-entry.ts';
import { judgeSystem, type SeededRun } from '../src/chaos/judge-system.ts';
import { killSpree, type KillCount } from '../src/chaos/kill-spree.ts';
import { type LocalSystem, openLocalSystem } from '../src/chaos/local-system.ts';
import { openFleet, type ProcessFleet } from '../src/chaos/process-fleet.ts';
import { type CommitNote } from '../src/history/evidence.ts';
import { type HistoryVerdict } from '../src/history/check-history.ts';
import { eventually, startRedis } from '../src/index.ts';
import { crazyNestedForkJoin } from '../src/workloads/known-workloads.ts';
import { type Workload } from '../src/workloads/workload.ts';

/** A way to start runs and to look at them, from outside of every role. */
export function openClient(url: string): Promise<LocalSystem> {
  const nobody = { workers: 0, coordinators: 0, sweepers: 0, schedulers: 0 };
  return openLocalSystem({ url, tasks: [], ...nobody });
}

/** Waits until the store says that all of them have ended. */
export async function untilEnded(
  { client: { store } }: LocalSystem,
  runs: readonly SeededRun[],
  withinMs: number,
): Promise<void> {
  let left = [...runs];
  await eventually(
    async () => {
      const [first] = left;
      // One read while nothing has changed: asking for hundreds all the time would be load of its own.
      if (first && !(await hasEnded(first.runId, store))) throw leftOver(left);
      const ended = await Promise.all(left.map(({ runId }) => hasEnded(runId, store)));
      left = left.filter((_run, index) => !ended[index]);
      if (left.length > 0) throw leftOver(left);
    },
    { withinMs, everyMs: 100 },
  );
}

function leftOver(left: readonly SeededRun[]): Error {
  return new Error(`${left.length} runs have not ended, ${left[0]?.runId} first`);
}

async function hasEnded(runId: RunId, store: LocalSystem['client']['store']): Promise<boolean> {
  return ((await store.find(runId))?.endedAt ?? 0) > 0;
}

/** The commits of a fleet, as the judge wants them. */
export function commitsOf(fleet: ProcessFleet): readonly CommitNote[] {
  return fleet.commits().flatMap(({ reply, runId, version, fence }) => {
    const id = parseRunId(runId);
    return reply === 'committed' && id !== null ? [{ runId: id, version, fence }] : [];
  });
}

/** Judges what a fleet has done. */
export function judgeFleet(
  client: LocalSystem,
  fleet: ProcessFleet,
  { workload, runs }: { readonly workload: Workload; readonly runs: readonly SeededRun[] },
): Promise<HistoryVerdict> {
  const ledger = fleet.ledger.read();
  return judgeSystem(client.client.store, { workload, runs, ledger, commits: commitsOf(fleet) });
}

/** How a spree is set up. */
export interface SpreeOptions {
  readonly runCount: number;
  readonly kills: Parameters<typeof killSpree>[1]['kills'];
  readonly everyMs: number;
  readonly endWithinMs: number;
  readonly bundle?: BundledEntry;
}

/** What a spree came to. */
export interface SpreeResult {
  readonly killed: KillCount;
  readonly verdict: HistoryVerdict;
  readonly begunCount: number;
  readonly endedCount: number;
  readonly lastEndAfterMs: number;
  readonly totalMs: number;
}

/** Nested fork-joins on a fleet of processes that are killed one after the other. */
export async function runSpree(options: SpreeOptions): Promise<SpreeResult> {
  const startedAt = performance.now();
  const { runCount, kills, everyMs, endWithinMs, bundle } = options;
  const workload = crazyNestedForkJoin();
  await using redis = await startRedis();
  await using client = await openClient(redis.url);
  await using fleet = await openFleet({
    url: redis.url,
    roles: { worker: 2, coordinator: 2, scheduler: 1, sweeper: 1 },
    spares: 2,
    stepMs: [2, 30],
    ...(bundle && { bundle }),
    env: { JOINERY_WORKER_CLAIM_LEASE: '1500ms', JOINERY_WORKER_BEAT_EVERY: '400ms' },
  });
  const runs: SeededRun[] = [];
  const killCount = Object.values(kills).reduce((sum, count) => sum + count, 0);
  const startUpTo = async (target: number): Promise<void> => {
    const seeds = Array.from({ length: target - runs.length }, (_, index) => runs.length + index);
    const runIds = await client.start(workload, seeds);
    runs.push(...runIds.map((runId, index) => ({ runId, seed: seeds[index] ?? 0 })));
  };
  const killed = await killSpree(fleet, {
    kills,
    everyMs,
    seed: 1,
    before: (kill) => startUpTo(Math.ceil(((kill + 1) / killCount) * runCount)),
  });
  const lastKillAt = performance.now();
  await untilEnded(client, runs, endWithinMs);
  const lastEndAfterMs = performance.now() - lastKillAt;
  const verdict = await judgeFleet(client, fleet, { workload, runs });
  const entries = fleet.ledger.read();
  const endedCount = entries.filter(({ what }) => what === 'end').length;
  const begunCount = entries.length - endedCount;
  const totalMs = performance.now() - startedAt;
  return { killed, verdict, begunCount, endedCount, lastEndAfterMs, totalMs };
}
