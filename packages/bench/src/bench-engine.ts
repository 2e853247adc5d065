import { isTerminalRun, RUN_STATUSES } from '@joinery/core';
import { type Engine, openEngine } from '@joinery/engine';
import { createLogger, parseConfig, systemEntropy } from '@joinery/kit';
import { type RedisClient } from '@joinery/queues';
import { type RunStore } from '@joinery/store';
import { CLUSTER_SCHEME, openClusterEngine } from './cluster-engine.ts';
import { type Announcer } from './completion-channel.ts';
import { aroundCalls } from './method-calls.ts';
import { type ServiceFacts } from './subject.ts';

/** An engine as a process has it, and what it can say of itself. */
export interface BenchEngine {
  readonly engine: Engine;
  readonly store: RunStore;
  /** A connection of its own, as BullMQ's workers need it. */
  readonly connect: () => RedisClient;
  readonly queuePrefix: string;
  facts(): ServiceFacts;
  close(): Promise<void>;
}

/** An engine as a process of that role has it: all settings at their defaults, warnings on standard error. */
export async function openBenchEngine(url: string, role: string): Promise<BenchEngine> {
  let warningCount = 0;
  const logger = createLogger({
    level: 'warn',
    name: `bench-${role}`,
    write(line) {
      warningCount += 1;
      process.stderr.write(line);
    },
  });
  const processId = `bench-${role}-${systemEntropy.randomId().slice(0, 8)}`;
  const isCluster = url.startsWith(CLUSTER_SCHEME);
  const config = parseConfig(isCluster ? {} : { REDIS_URL: url });
  const opened = isCluster
    ? openClusterEngine(url, { logger, processId })
    : { ...(await openEngine({ config, logger, processId })), queuePrefix: config.queue.prefix };
  // What the engine decides with, not what it was told: a lock that stands apart would be an object.
  const isFused = opened.engine.locks === 'fused';
  const lockDriver = isFused && config.lock.driver === 'redlock' ? DEFAULT_LOCK_DRIVER : 'another';
  return { ...opened, facts: () => ({ lockDriver, warningCount }) };
}

/** The driver that an engine has by default; a round with another one does not count. */
export const DEFAULT_LOCK_DRIVER = 'redlock, fused';

/** The same engine; whatever ends a run here is announced. */
export function announcingEngine({ engine }: BenchEngine, announcer: Announcer): Engine {
  const store = aroundCalls(engine.store, async (_name, call, args) => {
    const reply: unknown = await call();
    const runId = runIdOf(args[0]);
    if (runId !== null && isEnd(reply)) announcer.announce(runId);
    return reply;
  });
  return { ...engine, store };
}

/** Transitions are asked for with an object that names the run; reads with the id itself. */
function runIdOf(argument: unknown): string | null {
  if (typeof argument !== 'object' || argument === null || !('runId' in argument)) return null;
  return typeof argument.runId === 'string' ? argument.runId : null;
}

function isEnd(reply: unknown): boolean {
  if (typeof reply !== 'object' || reply === null || !('status' in reply)) return false;
  const { status } = reply;
  return RUN_STATUSES.some((each) => each === status && isTerminalRun(each));
}
