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
  readUsage,
  type Site,
  type Subject,
  usagePer,
  WORKLOADS,
  type WorkloadName,
  workloadOf,
} from '../src/index.ts';
import { EXPECTED, SMALL_FORK } from './expected-counts.ts';

const RUNS = 10;
const settings = { concurrency: 50, workerProcesses: 1, removeOnComplete: false };

/** What runs cost that are alone, each in turn, after some that have loaded all scripts and caches; per run. */
async function countsOf(
  subject: Subject,
  workload: WorkloadName,
): Promise<Readonly<Record<string, number>>> {
  await using server = await startRedis();
  await using ends = await startRedis();
  const site: Site = { url: server.url, endsUrl: ends.url, workload, branches: SMALL_FORK };
  const redis = new Redis(server.url);
  const counted = await openCounted(subject, site);
  const driver = await openDriver({ subject, site, settings });
  try {
    await driver.oneByOne(3);
    const callsBefore = new Map(counted.calls());
    const { types } = workloadOf(workload, SMALL_FORK);
    const jobsBefore = await countJobs(redis, types);
    const commands = await countCommands(server.url, async () => {
      await driver.oneByOne(RUNS);
    });
    const jobs = (await countJobs(redis, types)) - jobsBefore;
    const calls = [...counted.calls()].map(
      ([name, count]) => [name, (count - (callsBefore.get(name) ?? 0)) / RUNS] as const,
    );
    // Once more without MONITOR, which is output too.
    const before = await readUsage(redis);
    await driver.oneByOne(RUNS);
    const { bytesIn, bytesOut } = usagePer(RUNS, before, await readUsage(redis));
    const all = 2 * RUNS + 3;
    expect(await driver.verify()).toEqual({ startedCount: all, verifiedCount: all });
    return {
      ...Object.fromEntries(calls),
      jobs: jobs / RUNS,
      storeScripts: commands.storeScripts / RUNS,
      queueScripts: commands.queueScripts / RUNS,
      requests: requestsFor(commands) / RUNS,
      bytes: bytesIn + bytesOut,
    };
  } finally {
    await driver.close();
    await counted.close();
    redis.disconnect();
  }
}

/** Queue watches (each second) and tunables (twice a second) come with time: a busy machine would have more per run. */
const TIMED = ['llen', 'zcard', 'hexists', 'hgetall'];

function requestsFor({ requests, byName }: CommandCounts): number {
  return TIMED.reduce((left, name) => left - (byName.get(name) ?? 0), requests);
}

interface CountedService {
  readonly calls: () => ReadonlyMap<string, number>;
  readonly close: () => Promise<void>;
}

async function openCounted(subject: Subject, site: Site): Promise<CountedService> {
  if (subject !== 'joinery') {
    const service = await openService({ subject, site, settings }, []);
    return { calls: () => new Map(), close: () => service.close() };
  }
  let calls: ReadonlyMap<string, number> = new Map();
  const service = await openJoineryService(site, {
    roles: ['worker', 'coordinator'],
    concurrency: settings.concurrency,
    wrapStore(store) {
      const counting = countingCalls(store);
      calls = counting.calls;
      return counting.port;
    },
  });
  return { calls: () => calls, close: () => service.close() };
}

describe('the cost of a run that is alone', () => {
  it.each(WORKLOADS)('is, for %s, what the table of expected counts says', async (workload) => {
    const found = await countsOf('joinery', workload);
    const surprises = Object.entries(EXPECTED[workload]).flatMap(([name, range]) => {
      const [least, most] = typeof range === 'number' ? [range, range] : range;
      const count = found[name] ?? 0;
      return count >= least && count <= most ? [] : [{ name, expected: range, found: count }];
    });
    expect(surprises).toEqual([]);
  });

  it('is, for a chain of 5 in one flow of plain BullMQ, 1 job per task and no script of ours', async () => {
    const found = await countsOf('bullmq-flow', 'W1');
    expect(found).toMatchObject({ jobs: 5, storeScripts: 0 });
    // Now and then a worker looks once more.
    expect(found['queueScripts']).toBeGreaterThanOrEqual(29);
    expect(found['queueScripts']).toBeLessThanOrEqual(29.5);
  });
});
