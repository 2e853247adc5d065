import { type RunId } from '@joinery/core';
import { type z } from 'zod';
import { createKeyBuilder, type KeyBuilder } from '../key-builder.ts';
import { BlobCache } from './blob-cache.ts';
import { type RedisClient, runScript, type Script } from '../script.ts';
import { persist } from './persist.ts';

/** How a Redis store is set up. Prefix and partitions are fixed when a store is created; all else may differ. */
export interface RedisStoreOptions {
  /** Begins every key. Default `jn`. */
  readonly prefix?: string;
  /** 1 to 256; fixed for the life of the data. Default 16. */
  readonly partitions?: number;
  /** Payloads above this many bytes stand in a key of their own. Default 32 KB. */
  readonly inlineMaxBytes?: number;
  /** Longest time between two looks at a run, ms. Default 30 s. */
  readonly maxSweepAgeMs?: number;
  /** Longest time between two full evaluations of a run, ms. Default 60 s. */
  readonly fullDecideIntervalMs?: number;
  /** The same of a run that is calm: a full evaluation found it right, and nothing has happened since. Default 6 h. */
  readonly calmDecideIntervalMs?: number;
  /** How long an ended run is kept, ms. Default 24 h when COMPLETED, else 7 d. */
  readonly retention?: { readonly completedMs: number; readonly otherMs: number };
  /** How long a call goes on trying while Redis loads, moves or is away, ms. Default 10 s. */
  readonly deadlineMs?: number;
  /** Hard limits of payloads, bytes. Defaults: 10 MB a payload, 256 KB for variables. */
  readonly limits?: { readonly payloadBytes: number; readonly variablesBytes: number };
  /** Clock of a test, ms since epoch. Default: the server's. */
  readonly now?: () => number;
}

/** What the parts of a store share. */
export interface RedisScope {
  readonly redis: RedisClient;
  readonly keys: KeyBuilder;
  readonly blobs: BlobCache;
  readonly options: Required<Omit<RedisStoreOptions, 'now'>> & {
    readonly now: (() => number) | null;
  };
}

/** KEYS as they are; every wrapper lists them by the key builder. */
export type ScriptKeys = readonly string[];

/** Binds a connection and the options with their defaults. */
export function createRedisScope(redis: RedisClient, options: RedisStoreOptions): RedisScope {
  const { prefix = 'jn', partitions = 16 } = options;
  return {
    redis,
    keys: createKeyBuilder(prefix, partitions),
    blobs: new BlobCache(),
    options: {
      prefix,
      partitions,
      inlineMaxBytes: options.inlineMaxBytes ?? 32 * 1024,
      maxSweepAgeMs: options.maxSweepAgeMs ?? 30_000,
      fullDecideIntervalMs: options.fullDecideIntervalMs ?? 60_000,
      calmDecideIntervalMs: options.calmDecideIntervalMs ?? 6 * 3_600_000,
      retention: options.retention ?? { completedMs: 86_400_000, otherMs: 7 * 86_400_000 },
      deadlineMs: options.deadlineMs ?? 10_000,
      limits: options.limits ?? { payloadBytes: 10 * 1024 ** 2, variablesBytes: 256 * 1024 },
      now: options.now ?? null,
    },
  };
}

/** ARGV[1] of every script: the clock of a test, or nothing. */
export function clockArg({ options }: RedisScope): string {
  return options.now === null ? '' : String(options.now());
}

/** ARGV[1..6] of every script that changes runs, by `lua/lib/run-keys.lua`. */
export function headArgs(
  scope: RedisScope,
  runId: RunId | '',
  actor: string,
): readonly (string | number)[] {
  const { maxSweepAgeMs, retention } = scope.options;
  return [clockArg(scope), runId, actor, maxSweepAgeMs, retention.completedMs, retention.otherMs];
}

/** Run a script; retried while Redis is away, which its idempotency allows. */
export function callScript<Args, Reply extends z.ZodType>(
  scope: RedisScope,
  script: Script<ScriptKeys, Args, Reply>,
  keys: ScriptKeys,
  args: Args,
): Promise<z.output<Reply>> {
  return persist(scope, script.name, () => runScript(scope.redis, script, keys, args));
}

/** The store's now, ms: the test's or the server's. */
export async function storeNow(scope: RedisScope): Promise<number> {
  if (scope.options.now !== null) return scope.options.now();
  const [seconds, micros] = await persist(scope, 'TIME', () => scope.redis.time());
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}
