import { type RunId } from '@joinery/core';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type BundledEntry } from '../chaos/bundle-entry.ts';
import { openLoad } from '../chaos/run-load.ts';
import { everybody, openStage, type Stage } from '../chaos/stage.ts';
import { eventually } from '../eventually.ts';
import { crazyNestedForkJoin } from '../workloads/known-workloads.ts';
import { type Footprint, judgeSoak, type SoakVerdict } from './judge-soak.ts';

/** How long, and who hears of it. */
export interface SoakOptions {
  readonly forMs: number;
  /** The same load before the baseline is taken: code compiled, caches filled. */
  readonly warmUpMs: number;
  readonly say: (line: string) => void;
  readonly bundle?: BundledEntry;
}

/** What a soak came to, with the figures that it is judged by. */
export interface SoakReport extends SoakVerdict {
  readonly runs: number;
  readonly seconds: number;
  readonly before: Footprint;
  readonly after: Footprint;
}

/** Ended runs are kept for this long: short, so that purges keep up with the load. */
const RETENTION = '2s';
const IN_FLIGHT = 10;
const SAY_EVERY_MS = 10_000;
/** Longest wait for purges after the load, ms. */
const RESTS_WITHIN_MS = 120_000;

/** Constant load, and a comparison of what is held at rest before and after it. */
export async function soak({ forMs, warmUpMs, say, bundle }: SoakOptions): Promise<SoakReport> {
  const startedAt = performance.now();
  await using stage = await openStage({
    seed: 1,
    fleet: {
      spares: 0,
      env: { JOINERY_RETENTION_COMPLETED: RETENTION, JOINERY_RETENTION_OTHER: RETENTION },
    },
    ...(bundle && { bundle }),
  });
  await loadFor(stage, warmUpMs, say);
  const before = await footprintOf(stage);
  const runIds = await loadFor(stage, forMs, say);
  const after = await footprintOf(stage);
  const purgedKeys = await keysOf(stage, runIds);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  return {
    ...judgeSoak({ before, after, purgedKeys }),
    runs: runIds.length,
    seconds,
    before,
    after,
  };
}

/** Runs for a time, and then waits until the last of them is purged. */
async function loadFor(
  stage: Stage,
  forMs: number,
  say: SoakOptions['say'],
): Promise<readonly RunId[]> {
  const { client } = stage;
  const workload = crazyNestedForkJoin();
  // Idempotency keys outlive their runs by days, as promised: here they would look like a leak.
  await using load = await openLoad({
    client,
    workload,
    inFlight: IN_FLIGHT,
    atLeast: 0,
    isKeyless: true,
  });
  const until = performance.now() + forMs;
  while (performance.now() < until) {
    await delay(Math.min(SAY_EVERY_MS, Math.max(0, until - performance.now())));
    const { redisBytes, keyCount } = await footprintOf(stage);
    say(`${load.endedCount()} runs ended, ${redisBytes} bytes in ${keyCount} keys`);
  }
  if (!(await load.close(60_000))) throw new Error('not all runs ended');
  const isPurged = async (): Promise<boolean> => (await client.client.store.list(1)).length === 0;
  await eventually(isPurged, { withinMs: RESTS_WITHIN_MS, everyMs: 500 });
  return load.runs.map(({ runId }) => runId);
}

async function footprintOf(stage: Stage): Promise<Footprint> {
  const memory = await stage.raw.info('memory');
  const rss = everybody(stage).map(async ({ role, pid }) => {
    return [`${role} ${pid}`, await rssOf(pid)] as const;
  });
  return {
    redisBytes: Number(/used_memory:(\d+)/.exec(memory)?.[1]),
    keyCount: await stage.raw.dbsize(),
    rssBytes: Object.fromEntries(await Promise.all(rss)),
  };
}

async function rssOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}

async function keysOf({ raw }: Stage, runIds: readonly RunId[]): Promise<readonly string[]> {
  const gone = new Set<string>(runIds);
  const found: string[] = [];
  for await (const keys of raw.scanStream({ match: 'jn:*', count: 1_000 })) {
    for (const key of z.array(z.string()).parse(keys)) {
      if (key.split(':').some((part) => gone.has(part))) found.push(key);
    }
  }
  return found;
}
