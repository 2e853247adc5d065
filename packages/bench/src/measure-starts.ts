import { replies } from './bench-process-handle.ts';
import { type RoundPlan } from './measure-round.ts';
import { quantile, type Spread, spreadOf } from './quantile.ts';
import { readUsage } from './redis-usage.ts';
import { openRoundSite, type RoundSite, usageOf } from './round-site.ts';

const NAMES = [
  'startsPerSecond',
  'startP99Ms',
  'bulkStartsPerSecond',
  'bulkCallP99Ms',
  'bulkClientCpuUs',
  'bulkRedisCpuUs',
  'loadedP50Ms',
  'loadedP99Ms',
] as const;
type Name = (typeof NAMES)[number];

/**
 * Starts while nobody works, and while runs are under way. `starts…`: as fast as one client can, 64 single ones at a time.
 * `bulk…`: the same with calls of `BULK_SIZE` starts; CPU is that of one start. `loaded…`: single ones at the workload's
 * steady rate, with workers and deciders at work.
 */
export type StartCosts = Readonly<Record<Name, Spread>>;

/** Starts in one call: as many as a producer has in hand when it reads a file or a page of another queue. */
const BULK_SIZE = 500;
/** Calls under way: while one is being written, another is on its way. */
const BULK_CALLS = 2;

/**
 * Measures `startRun` and `startRuns`, which the HTTP routes and the start queue call. Rounds have a Redis and processes
 * of their own. What is started while nobody works is thrown away with its Redis; runs under load are checked.
 */
export async function measureStarts(plan: RoundPlan, rounds: number): Promise<StartCosts> {
  const seen: Partial<Record<Name, number>>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    seen.push(await startAlone(plan), await startInBulk(plan), await startUnderLoad(plan));
  }
  const spreadOfName = (name: Name): Spread => spreadOf(seen.flatMap((each) => each[name] ?? []));
  return {
    startsPerSecond: spreadOfName('startsPerSecond'),
    startP99Ms: spreadOfName('startP99Ms'),
    bulkStartsPerSecond: spreadOfName('bulkStartsPerSecond'),
    bulkCallP99Ms: spreadOfName('bulkCallP99Ms'),
    bulkClientCpuUs: spreadOfName('bulkClientCpuUs'),
    bulkRedisCpuUs: spreadOfName('bulkRedisCpuUs'),
    loadedP50Ms: spreadOfName('loadedP50Ms'),
    loadedP99Ms: spreadOfName('loadedP99Ms'),
  };
}

async function startAlone(plan: RoundPlan): Promise<Partial<Record<Name, number>>> {
  await using site = await openRoundSite(plan);
  const { inflight } = plan.load;
  const loop = { type: 'startLoop', inflight } as const;
  await site.client.ask({ ...loop, forMs: plan.warmUpMs }, replies.starts);
  const done = await site.client.ask({ ...loop, forMs: plan.loopMs }, replies.starts);
  const { latenciesMs, elapsedMs } = done;
  return {
    startsPerSecond: (latenciesMs.length * 1000) / elapsedMs,
    startP99Ms: quantile(latenciesMs, 0.99),
  };
}

async function startInBulk(plan: RoundPlan): Promise<Partial<Record<Name, number>>> {
  await using site = await openRoundSite(plan);
  const loop = { type: 'bulkLoop', inflight: BULK_CALLS, size: BULK_SIZE } as const;
  await site.client.ask({ ...loop, forMs: plan.warmUpMs }, replies.starts);
  const before = await cpuOf(site);
  const done = await site.client.ask({ ...loop, forMs: plan.loopMs }, replies.starts);
  const after = await cpuOf(site);
  const count = done.latenciesMs.length * BULK_SIZE;
  return {
    bulkStartsPerSecond: (count * 1000) / done.elapsedMs,
    bulkCallP99Ms: quantile(done.latenciesMs, 0.99),
    bulkClientCpuUs: (after.client - before.client) / count,
    bulkRedisCpuUs: (after.redis - before.redis) / count,
  };
}

async function cpuOf({ client, redis }: RoundSite): Promise<{ client: number; redis: number }> {
  return { client: (await usageOf([client])).cpuUs, redis: (await readUsage(redis)).cpuUs };
}

async function startUnderLoad(plan: RoundPlan): Promise<Partial<Record<Name, number>>> {
  await using site = await openRoundSite(plan);
  await site.startServices();
  const { ratePerSecond } = plan.load;
  const paced = { type: 'paced', ratePerSecond } as const;
  await site.client.ask({ ...paced, forMs: plan.warmUpMs }, replies.paced);
  const { startsMs } = await site.client.ask({ ...paced, forMs: plan.loopMs }, replies.paced);
  await site.client.ask({ type: 'verify' }, replies.verified);
  return { loadedP50Ms: quantile(startsMs, 0.5), loadedP99Ms: quantile(startsMs, 0.99) };
}
