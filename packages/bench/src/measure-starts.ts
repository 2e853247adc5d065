import { replies } from './bench-process-handle.ts';
import { type RoundPlan } from './measure-round.ts';
import { quantile, type Spread, spreadOf } from './quantile.ts';
import { openRoundSite } from './round-site.ts';

/** Starts alone, and starts while runs are under way. */
export interface StartCosts {
  /** As fast as one client can, 64 at a time, while nobody works. */
  readonly startsPerSecond: Spread;
  readonly bulkP99Ms: Spread;
  /** Of starts at the workload's steady rate, with workers and deciders at work. */
  readonly loadedP50Ms: Spread;
  readonly loadedP99Ms: Spread;
}

/**
 * Measures `startRun`: what the HTTP route and the start queue call. Rounds have a Redis and processes of their own. The
 * bulk of runs is thrown away with its Redis; the runs of the second part are checked.
 */
export async function measureStarts(plan: RoundPlan, rounds: number): Promise<StartCosts> {
  const bulk = { rates: [] as number[], p99s: [] as number[] };
  const loaded = { p50s: [] as number[], p99s: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const { latenciesMs, elapsedMs } = await startInBulk(plan);
    bulk.rates.push((latenciesMs.length * 1000) / elapsedMs);
    bulk.p99s.push(quantile(latenciesMs, 0.99));
    const startsMs = await startUnderLoad(plan);
    loaded.p50s.push(quantile(startsMs, 0.5));
    loaded.p99s.push(quantile(startsMs, 0.99));
  }
  return {
    startsPerSecond: spreadOf(bulk.rates),
    bulkP99Ms: spreadOf(bulk.p99s),
    loadedP50Ms: spreadOf(loaded.p50s),
    loadedP99Ms: spreadOf(loaded.p99s),
  };
}

async function startInBulk(
  plan: RoundPlan,
): Promise<{ readonly latenciesMs: readonly number[]; readonly elapsedMs: number }> {
  await using site = await openRoundSite(plan);
  const { inflight } = plan.load;
  const loop = { type: 'startLoop', inflight } as const;
  await site.client.ask({ ...loop, forMs: plan.warmUpMs }, replies.starts);
  // Awaited here: the site ends with this function.
  return await site.client.ask({ ...loop, forMs: plan.loopMs }, replies.starts);
}

async function startUnderLoad(plan: RoundPlan): Promise<readonly number[]> {
  await using site = await openRoundSite(plan);
  await site.startServices();
  const { ratePerSecond } = plan.load;
  const paced = { type: 'paced', ratePerSecond } as const;
  await site.client.ask({ ...paced, forMs: plan.warmUpMs }, replies.paced);
  const { startsMs } = await site.client.ask({ ...paced, forMs: plan.loopMs }, replies.paced);
  await site.client.ask({ type: 'verify' }, replies.verified);
  return startsMs;
}
