import { type RunId } from '@joinery/core';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type BundledEntry } from '../chaos/bundle-entry.ts';
import { type Member } from '../chaos/process-fleet.ts';
import { openLoad } from '../chaos/run-load.ts';
import { everybody, openStage, type Stage } from '../chaos/stage.ts';
import { eventually } from '../eventually.ts';
import { crazyNestedForkJoin } from '../workloads/known-workloads.ts';
import { type Footprint, type HeapSample, judgeSoak, type SoakVerdict } from './judge-soak.ts';

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
  readonly warmUpSeconds: number;
  readonly before: Footprint;
  readonly after: Footprint;
}

/** Ended runs are kept for this long: short, so that purges keep up with the load. */
const RETENTION = '2s';
const IN_FLIGHT = 10;
/** Between two looks at the live heaps, ms: each costs every process some tens of milliseconds. */
const SAMPLE_EVERY_MS = 15_000;
/** Longest wait for purges after the load, ms. */
const RESTS_WITHIN_MS = 120_000;

/** Constant load, and a comparison of what is held at rest before and after it. */
export async function soak({ forMs, warmUpMs, say, bundle }: SoakOptions): Promise<SoakReport> {
  const startedAt = performance.now();
  await using stage = await openStage({
    seed: 1,
    fleet: {
      spares: 0,
      execArgv: ['--expose-gc'],
      env: { JOINERY_RETENTION_COMPLETED: RETENTION, JOINERY_RETENTION_OTHER: RETENTION },
    },
    ...(bundle && { bundle }),
  });
  await loadFor(stage, warmUpMs, say);
  const before = await footprintOf(stage);
  const { runIds, samples } = await loadFor(stage, forMs, say);
  const after = await footprintOf(stage);
  const purgedKeys = await keysOf(stage, runIds);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  return {
    ...judgeSoak({ before, after, samples, purgedKeys }),
    runs: runIds.length,
    seconds,
    warmUpSeconds: Math.round(warmUpMs / 1_000),
    before,
    after,
  };
}

/** Runs for a time, and then waits until the last of them is purged. */
async function loadFor(
  stage: Stage,
  forMs: number,
  say: SoakOptions['say'],
): Promise<{ readonly runIds: readonly RunId[]; readonly samples: readonly HeapSample[] }> {
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
  const samples: HeapSample[] = [];
  const startedAt = performance.now();
  const until = startedAt + forMs;
  while (performance.now() < until) {
    await delay(Math.min(SAMPLE_EVERY_MS, Math.max(0, until - performance.now())));
    const { redisBytes, keyCount, heapBytes } = await footprintOf(stage);
    samples.push({ minute: (performance.now() - startedAt) / 60_000, heapBytes });
    say(`${load.endedCount()} runs ended, ${redisBytes} bytes in ${keyCount} keys`);
  }
  if (!(await load.close(60_000))) throw new Error('not all runs ended');
  const isPurged = async (): Promise<boolean> => (await client.client.store.list(1)).length === 0;
  await eventually(isPurged, { withinMs: RESTS_WITHIN_MS, everyMs: 500 });
  return { runIds: load.runs.map(({ runId }) => runId), samples };
}

/** Heaps come before resident memory: a collection gives some of it back. */
async function footprintOf(stage: Stage): Promise<Footprint> {
  const members = everybody(stage);
  const heaps = members.map(async (each) => [nameOf(each), await each.liveHeap()] as const);
  const heapBytes = Object.fromEntries(await Promise.all(heaps));
  const memory = await stage.raw.info('memory');
  const rss = members.map(async (each) => [nameOf(each), await rssOf(each.pid)] as const);
  return {
    redisBytes: Number(/used_memory:(\d+)/.exec(memory)?.[1]),
    keyCount: await stage.raw.dbsize(),
    rssBytes: Object.fromEntries(await Promise.all(rss)),
    heapBytes,
  };
}

function nameOf({ role, pid }: Member): string {
  return `${role} ${pid}`;
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
