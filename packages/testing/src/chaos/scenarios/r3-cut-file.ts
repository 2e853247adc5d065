import { type RecordedEvent, type RunId } from '@joinery/core';
import { createSeededEntropy } from '@joinery/kit';
import { Redis } from 'ioredis';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../eventually.ts';
import { openLedger } from '../../ledger.ts';
import { startRedis } from '../../redis-server.ts';
import { crazyNestedForkJoin } from '../../workloads/known-workloads.ts';
import { recordEnds } from '../aof-records.ts';
import { type SeededRun } from '../judge-system.ts';
import { judgeStage } from '../judge-stage.ts';
import { openLocalSystem } from '../local-system.ts';
import { mergeOutcomes } from '../merge-outcomes.ts';
import { createFaultLog } from '../fault-log.ts';
import { readEpoch, readHistories } from '../read-histories.ts';
import { type Outcome, type PlayOptions, type Scenario } from '../scenario.ts';
import { everybody, openStage } from '../stage.ts';
import { stepTask } from '../step-task.ts';
import { timeLimit } from '../time-limit.ts';

const workload = crazyNestedForkJoin();
/** Runs that are in the file. */
const RUNS = 10;
/** Cuts that are looked at side by side: each waits most of its time for claims to end. */
const AT_ONCE = 6;
/** At most so much is cut off, bytes: more than two seconds of this load. */
const CUT_LIMIT = 200_000;

/** R3: the power went, and the end of the file with it. */
export const cutFile: Scenario = {
  id: 'R3',
  title: 'The end of the append-only file is gone',
  hypothesis:
    'What survives of each run is a prefix of its history, and the run completes from there; the epoch of the store grows.',
  method: `${RUNS} nested fork-joins are stopped in the middle by killing all processes and Redis. For each cut the file is copied, shortened by up to ${CUT_LIMIT / 1_000} KB at the end of a command or at any byte (by turns), loaded by a new Redis, compared, and completed by new processes.`,
  notTested: ['bytes that changed in the middle of a file', 'files that were rewritten meanwhile'],
  rules: ['H1', 'H2', 'H6', 'H10', 'H16', 'H22', 'H27', 'H31', 'H32'],
  sizes: {
    test: { runs: RUNS, faults: 2 },
    default: { runs: RUNS, faults: 12 },
    release: { runs: RUNS, faults: 1_000 },
  },
  play: async (play) => {
    const dir = await mkdtemp(join(tmpdir(), 'joinery-cuts-'));
    try {
      const origin = await recordOrigin(play, dir);
      const outcomes: Outcome[] = [];
      const entropy = createSeededEntropy(play.seed);
      const isTimeOver = timeLimit(play.forMs);
      let begun = 0;
      const lane = async (): Promise<void> => {
        while (begun < play.faults && !isTimeOver()) {
          const cut = begun;
          begun += 1;
          outcomes.push(await playCut(origin, { cut, random: entropy.seed() }));
          if (outcomes.length % 10 === 0) play.say(`${outcomes.length} of ${play.faults} cuts`);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
      return mergeOutcomes(outcomes);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
};

interface Origin {
  readonly dir: string;
  readonly runs: readonly SeededRun[];
  readonly histories: ReadonlyMap<RunId, readonly RecordedEvent[]>;
  /** From then on nobody was at work, until a cut is loaded. */
  readonly stoppedAt: number;
}

/** Runs that stand in the middle, in a file that is whole; the ledger lies beside it. */
async function recordOrigin({ seed, bundle }: PlayOptions, dir: string): Promise<Origin> {
  await mkdir(join(dir, 'redis'));
  await using stage = await openStage({
    seed,
    redis: { appendonly: true, dir: join(dir, 'redis'), args: ['--appendfsync', 'always'] },
    ...(bundle && { bundle }),
  });
  const seeds = Array.from({ length: RUNS }, (_, index) => index);
  const runIds = await stage.client.start(workload, seeds);
  await eventually(() => stage.fleet.ledger.read().length >= RUNS * 13, { withinMs: 30_000 });
  await Promise.all(everybody(stage).map((member) => member.kill()));
  const stoppedAt = Date.now();
  const histories = await readHistories(stage.client.client.store, runIds);
  await stage.redis.kill();
  await cp(stage.fleet.ledgerFile, join(dir, 'redis', 'ledger'));
  const runs = runIds.map((runId, index) => ({ runId, seed: seeds[index] ?? 0 }));
  return { dir, runs, histories, stoppedAt };
}

async function playCut(
  { dir, runs, histories, stoppedAt }: Origin,
  { cut, random }: { readonly cut: number; readonly random: number },
): Promise<Outcome> {
  const copy = join(dir, `cut-${cut}`);
  await cp(join(dir, 'redis'), copy, { recursive: true });
  const cutBytes = await cutTail(join(copy, 'appendonlydir'), { random, isWhole: cut % 2 === 0 });
  await using redis = await startRedis({ dir: copy, appendonly: true });
  const raw = new Redis(redis.url);
  const log = createFaultLog();
  log.outageAt({ from: stoppedAt, until: Date.now() });
  const ledger = openLedger(join(copy, 'ledger'));
  try {
    const survived = await readEpoch(raw);
    await using system = await openLocalSystem({
      url: redis.url,
      tasks: [stepTask({ ledger })],
      workers: 0,
      coordinators: 0,
      sweepers: 0,
      schedulers: 0,
    });
    const { store } = system.client;
    const after = await readHistories(
      store,
      runs.map(({ runId }) => runId),
    );
    const noted = await readEpoch(raw);
    for (const { runId } of runs) {
      const before = histories.get(runId) ?? [];
      const note = { runId, before, after: after.get(runId) ?? [], epochs: { survived, noted } };
      log.losses.push({ note, commitCount: 0 });
    }
    await log.inject('tail cut off', async () => cutBytes > 0);
    log.count('cutBytes', cutBytes);
    for (const role of ['scheduler', 'sweeper', 'coordinator', 'worker'] as const) {
      await system.add(role);
    }
    const isEnded = async ({ runId }: SeededRun): Promise<boolean> => {
      const run = await store.find(runId);
      return run === null || run.endedAt > 0;
    };
    const problems: string[] = [];
    await eventually(async () => !(await Promise.all(runs.map(isEnded))).includes(false), {
      withinMs: 60_000,
      everyMs: 50,
    }).catch(() => problems.push('not all runs ended'));
    return await judgeStage({
      client: system,
      workload,
      runs,
      calls: [],
      attemptedCount: runs.length,
      ledger: ledger.read(),
      commits: [],
      log,
      faultsPlanned: 1,
      marks: [],
      decidesWithinMs: Number.POSITIVE_INFINITY,
      problems,
    });
  } finally {
    raw.disconnect();
    await rm(copy, { recursive: true, force: true });
  }
}

/** Shortens the file by a chance share of the limit; answers by how much. */
async function cutTail(
  dir: string,
  { random, isWhole }: { readonly random: number; readonly isWhole: boolean },
): Promise<number> {
  const name = (await readdir(dir)).find((each) => each.endsWith('.incr.aof'));
  if (name === undefined) throw new Error('there is no append-only file');
  const file = join(dir, name);
  const bytes = await readFile(file);
  const wanted = bytes.length - 1 - (random % Math.min(CUT_LIMIT, bytes.length));
  const end = isWhole ? recordEnds(bytes).findLast((each) => each <= wanted) : wanted;
  await truncate(file, end ?? 0);
  return bytes.length - (end ?? 0);
}
