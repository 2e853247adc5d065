import { startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import {
  type CommandCounts,
  countCommands,
  countingCalls,
  countJobs,
  openDriver,
  openJoineryService,
  openService,
  type Subject,
  type WorkloadName,
  workloadOf,
} from '../src/index.ts';

const RUNS = 10;

interface Counts {
  readonly commands: CommandCounts;
  /** Per run. */
  readonly jobs: number;
  /** Calls of the store's methods per run, by the process that works and decides. */
  readonly calls: Readonly<Record<string, number>>;
}

/** What runs cost that are alone, each in turn, after some that have loaded all scripts and caches. */
async function countsOf(subject: Subject, workload: WorkloadName): Promise<Counts> {
  await using server = await startRedis();
  const site = { url: server.url, workload };
  const redis = new Redis(server.url);
  let calls: ReadonlyMap<string, number> = new Map();
  const service =
    subject === 'joinery'
      ? await openJoineryService(site, {
          roles: ['worker', 'coordinator'],
          wrapStore(store) {
            const counting = countingCalls(store);
            calls = counting.calls;
            return counting.port;
          },
        })
      : await openService(subject, site, []);
  const driver = await openDriver(subject, site);
  try {
    await driver.oneByOne(3);
    const callsBefore = new Map(calls);
    const { types } = workloadOf(workload);
    const jobsBefore = await countJobs(redis, types);
    const commands = await countCommands(server.url, async () => {
      await driver.oneByOne(RUNS);
    });
    const jobs = ((await countJobs(redis, types)) - jobsBefore) / RUNS;
    expect(await driver.verify()).toBe(RUNS + 3);
    const perRun = [...calls].map(
      ([name, count]) => [name, (count - (callsBefore.get(name) ?? 0)) / RUNS] as const,
    );
    return { commands, jobs, calls: Object.fromEntries(perRun) };
  } finally {
    await driver.close();
    await service.close();
    redis.disconnect();
  }
}

/** Beats, and a nudge that meets a decision under way: they come with time and chance, hardly once in ten runs. */
const CHANCE = 0.5;

describe('the cost of a run that is alone', () => {
  it('is, for a chain of 5: 1 job and 1 claim, 1 script a task, and 1 to start', async () => {
    const { commands, jobs, calls } = await countsOf('joinery', 'W1');
    expect(jobs).toBe(1);
    expect(calls).toEqual({ claim: 1, complete: 5 });
    expect(commands.storeScripts / RUNS).toBeGreaterThanOrEqual(7);
    expect(commands.storeScripts / RUNS).toBeLessThanOrEqual(7 + CHANCE);
    expect(commands.queueScripts / RUNS).toBeLessThanOrEqual(5 + CHANCE);
  });

  it('is, for a fork of 10: 11 jobs, 2 scripts a task, and 2 for the decision of the join', async () => {
    const { commands, jobs, calls } = await countsOf('joinery', 'W2');
    expect(jobs).toBe(11);
    expect(calls).toMatchObject({ claim: 11, complete: 12, load: 1, read: 1, commit: 1 });
    expect(commands.storeScripts / RUNS).toBeGreaterThanOrEqual(26);
    expect(commands.storeScripts / RUNS).toBeLessThanOrEqual(26 + CHANCE);
    // How many branches a worker of BullMQ fetches one after the other depends on when they arrive.
    expect(commands.queueScripts / RUNS).toBeLessThanOrEqual(52);
  });

  it('is, for a chain of 5 in one flow of plain BullMQ, 1 job per task and no script of ours', async () => {
    const { commands, jobs } = await countsOf('bullmq-flow', 'W1');
    expect(jobs).toBe(5);
    expect(commands.storeScripts).toBe(0);
    expect(commands.queueScripts / RUNS).toBe(29);
  });
});
