import { type Redis } from 'ioredis';
import { setTimeout as delay } from 'node:timers/promises';
import { redisCost } from '../chaos/redis-cost.ts';
import { runHttpWorker, type WorkTally } from './http-worker.ts';
import { type ServerProcess } from './server-process.ts';

/** What workers cost that wait for nothing. */
export interface IdleReport {
  readonly polls: number;
  readonly errors: readonly string[];
  /** Of a core, with the polls and with one for each type. */
  readonly cpuShare: number;
  readonly cpuShareOfFew: number;
  /** Commands of Redis a second, with the polls and with one for each type. */
  readonly commandsPerSecond: number;
  readonly commandsPerSecondOfFew: number;
}

const POLL_MS = 5_000;
const TYPES = 10;
/** Polls open their connections and fetchers, and scripts are loaded. */
const WARM_UP_MS = 6_000;

/** Measures a server that one worker of each type polls, then the same with so many polls of 5 s at a time. */
export async function measureIdlePolls(
  server: ServerProcess,
  redis: Redis,
  { polls, forMs }: { readonly polls: number; readonly forMs: number },
): Promise<IdleReport> {
  const tally: WorkTally = { done: 0, polls: 0, errors: [] };
  let isOver = false;
  const poll = async (index: number, afterMs: number): Promise<void> => {
    await delay(afterMs);
    const shape = { taskType: `idle_${index % TYPES}`, worker: `i${index}`, waitMs: POLL_MS };
    await runHttpWorker(server.caller, shape, { tally, isOver: () => isOver });
  };
  const workers = Array.from({ length: TYPES }, (_none, index) => poll(index, 0));
  await delay(WARM_UP_MS);
  const few = await measure(server, redis, forMs);
  // Spread as those of many processes are: all at once would come back all at once.
  for (let index = TYPES; index < polls; index += 1) {
    workers.push(poll(index, (POLL_MS * index) / polls));
  }
  await delay(WARM_UP_MS);
  const many = await measure(server, redis, forMs);
  isOver = true;
  await Promise.all(workers);
  return {
    polls: tally.polls,
    errors: [...new Set(tally.errors)].slice(0, 10),
    cpuShare: many.cpuShare,
    cpuShareOfFew: few.cpuShare,
    commandsPerSecond: many.commandsPerSecond,
    commandsPerSecondOfFew: few.commandsPerSecond,
  };
}

async function measure(
  server: ServerProcess,
  redis: Redis,
  forMs: number,
): Promise<{ readonly cpuShare: number; readonly commandsPerSecond: number }> {
  const beganAt = performance.now();
  const [use, cost] = [await server.use(), await redisCost(redis)];
  await delay(forMs);
  const [later, costLater] = [await server.use(), await redisCost(redis)];
  const seconds = (performance.now() - beganAt) / 1_000;
  return {
    cpuShare: Math.round(((later.cpuSeconds - use.cpuSeconds) / seconds) * 1_000) / 1_000,
    commandsPerSecond: Math.round((costLater.commands - cost.commands) / seconds),
  };
}
