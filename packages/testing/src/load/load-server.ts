import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { eventually } from '../eventually.ts';
import { type HttpCaller, readAnswer } from './http-caller.ts';
import { runHttpWorker, type WorkTally } from './http-worker.ts';
import { type ServerProcess } from './server-process.ts';

/** How much is asked of a server. */
export interface LoadShape {
  readonly workers: number;
  readonly startsPerSecond: number;
  readonly forMs: number;
}

/** What came of it. */
export interface LoadReport {
  readonly started: number;
  readonly completed: number;
  readonly polls: number;
  /** The first of each kind; empty: none. */
  readonly errors: readonly string[];
  /** From its start to its answer, ms. */
  readonly startP50Ms: number;
  readonly startP99Ms: number;
  /** Of a core, while starts came. */
  readonly cpuShare: number;
  /** Resident memory of the server, MB, each a tenth of the time: flat when the last ones are like the middle ones. */
  readonly residentMb: readonly number[];
}

/** Task types; each has its share of the workers. */
const TYPES = 10;
const POLL_MS = 5_000;
/** Starts are made in ticks of so many ms: an own timer for each would be late as well. */
const TICK_MS = 10;
const SAMPLES = 10;
const SETTLE_WITHIN_MS = 60_000;

const search = z.object({ totalHits: z.number() });

/** Long-polling workers, and starts at a steady rate whatever becomes of them. */
export async function loadServer(server: ServerProcess, shape: LoadShape): Promise<LoadReport> {
  const { caller } = server;
  await registerTypes(caller);
  const tally: WorkTally = { done: 0, polls: 0, errors: [] };
  let isOver = false;
  const workers = Array.from({ length: shape.workers }, (_none, index) =>
    runHttpWorker(
      caller,
      { taskType: typeOf(index), worker: `w${index}`, waitMs: POLL_MS },
      { tally, isOver: () => isOver },
    ),
  );
  const before = await server.use();
  const beganAt = performance.now();
  const sampling = sampleMemory(server, shape.forMs);
  const latencies = await startAtRate(caller, shape, tally.errors);
  const seconds = (performance.now() - beganAt) / 1_000;
  const after = await server.use();
  const completed = await awaitCompleted(caller, latencies.length);
  isOver = true;
  await Promise.all(workers);
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    started: latencies.length,
    completed,
    polls: tally.polls,
    errors: [...new Set(tally.errors)].slice(0, 10),
    startP50Ms: round(quantile(sorted, 0.5)),
    startP99Ms: round(quantile(sorted, 0.99)),
    cpuShare: round((after.cpuSeconds - before.cpuSeconds) / seconds),
    residentMb: await sampling,
  };
}

function typeOf(index: number): string {
  return `load_${index % TYPES}`;
}

async function registerTypes(caller: HttpCaller): Promise<void> {
  const types = Array.from({ length: TYPES }, (_none, index) => typeOf(index));
  const definitions = types.map((name) => ({
    name,
    version: 1,
    tasks: [{ name, taskReferenceName: 't', type: 'SIMPLE' }],
  }));
  const { status, text } = await caller.call('PUT', '/api/metadata/workflow', definitions);
  if (status !== 200) throw new Error(text);
}

/** Latencies of the starts that were answered; the others are among the errors. */
async function startAtRate(
  caller: HttpCaller,
  { startsPerSecond, forMs }: LoadShape,
  errors: string[],
): Promise<readonly number[]> {
  const latencies: number[] = [];
  const under: Promise<void>[] = [];
  const start = async (index: number): Promise<void> => {
    const at = performance.now();
    try {
      const { status, text } = await caller.call('POST', '/api/workflow', { name: typeOf(index) });
      if (status !== 200) throw new Error(`${status}: ${text.slice(0, 200)}`);
      latencies.push(performance.now() - at);
    } catch (error) {
      errors.push(`start: ${String(error).slice(0, 200)}`);
    }
  };
  const wanted = (startsPerSecond * forMs) / 1_000;
  const beganAt = performance.now();
  // All of them, however late a tick comes: a load that a busy machine makes smaller says nothing.
  while (under.length < wanted) {
    const due = ((performance.now() - beganAt) / 1_000) * startsPerSecond;
    while (under.length < Math.min(due, wanted)) under.push(start(under.length));
    await delay(TICK_MS);
  }
  await Promise.all(under);
  return latencies;
}

async function sampleMemory(server: ServerProcess, forMs: number): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let index = 0; index < SAMPLES; index += 1) {
    await delay(forMs / SAMPLES);
    samples.push(Math.round((await server.use()).residentBytes / 1024 ** 2));
  }
  return samples;
}

async function awaitCompleted(caller: HttpCaller, wanted: number): Promise<number> {
  let found = 0;
  const look = async (): Promise<void> => {
    const path = '/api/workflow/search?size=0&query=status%3DCOMPLETED';
    found = readAnswer(await caller.call('GET', path), search).totalHits;
    if (found < wanted) throw new Error(`${found} of ${wanted} have completed`);
  };
  await eventually(look, { withinMs: SETTLE_WITHIN_MS }).catch(() => undefined);
  return found;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
