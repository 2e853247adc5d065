import { setTimeout as delay } from 'node:timers/promises';
import { type JsonObject } from '@joinery/core';
import { registerDefinition, startRuns } from '@joinery/engine';
import { createKeyBuilder } from '@joinery/store';
import { type Redis } from 'ioredis';
import { openBenchEngine } from './bench-engine.ts';
import { replies } from './bench-process-handle.ts';
import { type RoundPlan } from './measure-round.ts';
import { quantile } from './quantile.ts';
import { commandStatsOf, readInfo, readUsage } from './redis-usage.ts';
import { openRoundSite, type RoundSite, usageOf } from './round-site.ts';

/** What it costs to keep runs that only wait. */
export interface IdleRunCosts {
  readonly runCount: number;
  readonly windowMs: number;
  /** Of one core, per cent. */
  readonly redisCpuPercent: number;
  /** Of one core, per cent: sweeper, coordinator, scheduler and the worker together. */
  readonly serviceCpuPercent: number;
  readonly scriptsPerMinute: number;
  readonly redisBytesPerRun: number;
  /** A chain of 5 that goes through among them, alone. */
  readonly chainP50Ms: number;
  /** Mean time of a script meanwhile, µs. */
  readonly scriptUs: number;
}

/** A run that waits for a week. */
const IDLE: JsonObject = {
  name: 'idle',
  tasks: [
    {
      name: 'wait',
      taskReferenceName: 'wait',
      type: 'WAIT',
      inputParameters: { duration: '7 days' },
    },
  ],
};

/** How long waiting runs are left alone before they are looked at, and for how long then, ms. */
export interface IdleWatch {
  readonly settleMs: number;
  readonly windowMs: number;
}

/** Keeps `runCount` runs waiting and looks at what that costs; then runs chains among them. */
export async function measureIdleRuns(
  plan: RoundPlan,
  runCount: number,
  { settleMs, windowMs }: IdleWatch,
): Promise<IdleRunCosts> {
  await using site = await openRoundSite(plan);
  const { redis } = site;
  const bytesBefore = await usedBytes(redis);
  await startIdle(site, runCount);
  const redisBytesPerRun = ((await usedBytes(redis)) - bytesBefore) / runCount;
  await site.startServices();
  await untilCalm(redis, settleMs);
  // The starts of services are no looks.
  await site.client.ask({ type: 'oneByOne', count: 20 }, replies.numbers);
  const idle = await watch(site, windowMs);
  await redis.config('RESETSTAT');
  const chains = { type: 'oneByOne', count: plan.load.idleCount } as const;
  const chainMs = await site.client.ask(chains, replies.numbers);
  const script = commandStatsOf(await readInfo(redis, 'commandstats')).get('evalsha');
  await site.client.ask({ type: 'verify' }, replies.verified);
  return {
    runCount,
    windowMs,
    ...idle,
    redisBytesPerRun,
    chainP50Ms: quantile(chainMs, 0.5),
    scriptUs: (script?.us ?? 0) / (script?.calls ?? 1),
  };
}

/** Starts in one call. */
const STARTED_AT_ONCE = 1_000;

async function startIdle({ url }: RoundSite, runCount: number): Promise<void> {
  const opened = await openBenchEngine(url, 'idle');
  const { engine } = opened;
  await registerDefinition(engine, IDLE);
  for (let left = runCount; left > 0; left -= STARTED_AT_ONCE) {
    const count = Math.min(left, STARTED_AT_ONCE);
    const outcomes = await startRuns(
      engine,
      Array.from({ length: count }, () => ({ name: 'idle' })),
    );
    const failed = outcomes.find((outcome) => outcome.type === 'failed');
    if (failed !== undefined) throw failed.error;
  }
  await opened.close();
}

/**
 * Every start is followed by one full evaluation, within the interval of those (60 s) and one look (30 s). What is measured
 * is the time after it; evaluations that are still to be made wait in the list of nudges.
 */
async function untilCalm(redis: Redis, settleMs: number): Promise<void> {
  await delay(settleMs);
  const { nudges } = createKeyBuilder('jn', 16);
  while ((await redis.llen(nudges)) > 0) await delay(1_000);
}

async function watch(
  { redis, services }: RoundSite,
  windowMs: number,
): Promise<Pick<IdleRunCosts, 'redisCpuPercent' | 'serviceCpuPercent' | 'scriptsPerMinute'>> {
  const startedAt = performance.now();
  const before = [await readUsage(redis), await usageOf(services)] as const;
  await delay(windowMs);
  const after = [await readUsage(redis), await usageOf(services)] as const;
  const elapsedMs = performance.now() - startedAt;
  const percent = (us: number): number => us / elapsedMs / 10;
  return {
    redisCpuPercent: percent(after[0].cpuUs - before[0].cpuUs),
    serviceCpuPercent: percent(after[1].cpuUs - before[1].cpuUs),
    scriptsPerMinute: ((after[0].scripts - before[0].scripts) * 60_000) / elapsedMs,
  };
}

async function usedBytes(redis: Redis): Promise<number> {
  return Number((await readInfo(redis, 'memory')).get('used_memory'));
}
