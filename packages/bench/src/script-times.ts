import { type Redis } from 'ioredis';
import { readInfo } from './redis-usage.ts';

/** How long scripts have taken inside Redis since the last reset, µs. */
export interface ScriptTimes {
  /** Of all scripts, BullMQ's too: Redis keeps one histogram for EVALSHA. */
  readonly p99Us: number;
  /** The longest script of the store; 0 = none has taken as long as {@link SLOW_US}. */
  readonly slowestStoreUs: number;
  /** Scripts of the store that have taken longer than {@link SLOW_US}. */
  readonly slowStoreCount: number;
}

/** The target for the 99th percentile: what is below is not worth an entry. */
export const SLOW_US = 1_000;
/** More entries than a loop of a few seconds can make. */
const SLOWLOG_LENGTH = 100_000;

/** From now on scripts are timed. Resets INFO's statistics. */
export async function resetScriptTimes(redis: Redis): Promise<void> {
  await redis.config('SET', 'slowlog-log-slower-than', SLOW_US);
  await redis.config('SET', 'slowlog-max-len', SLOWLOG_LENGTH);
  await redis.call('SLOWLOG', 'RESET');
  await redis.config('RESETSTAT');
}

/** Times since the last reset. */
export async function readScriptTimes(redis: Redis): Promise<ScriptTimes> {
  const info = await readInfo(redis, 'latencystats');
  const slow = storeTimesOf(await redis.call('SLOWLOG', 'GET', SLOWLOG_LENGTH));
  return {
    p99Us: percentileOf(info.get('latency_percentiles_usec_evalsha') ?? ''),
    slowestStoreUs: Math.max(0, ...slow),
    slowStoreCount: slow.length,
  };
}

/** `p50=12.031,p99=88.063,p99.9=203.775`; 0 where there was no script. */
export function percentileOf(text: string): number {
  return Number(/p99=([\d.]+)/.exec(text)?.[1] ?? 0);
}

/** The times of the entries that are scripts on the store's keys: `[id, at, µs, [EVALSHA, sha, keys, key, …], …]`. */
export function storeTimesOf(entries: unknown): readonly number[] {
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown) => {
    const [, , us, args] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
    const [command, , , key] = Array.isArray(args) ? (args as readonly unknown[]) : [];
    const isScript = typeof command === 'string' && /^eval(?:sha)?$/i.test(command);
    const isStores = typeof key === 'string' && key.startsWith('jn:');
    return isScript && isStores && typeof us === 'number' ? [us] : [];
  });
}
