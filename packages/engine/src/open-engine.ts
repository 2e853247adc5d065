import { joineryError, type Json, type JsonObject } from '@joinery/core';
import {
  createLoop,
  type Config,
  type Logger,
  type Metrics,
  parseDuration,
  readVariables,
  systemClock,
  systemEntropy,
} from '@joinery/kit';
import {
  checkRedis,
  connectRedis,
  createBullmqEventQueue,
  createBullmqJobQueue,
  type RedisClient,
} from '@joinery/queues';
import {
  createLockProvider,
  createRedisAgenda,
  createRedisDefinitionStore,
  createRedisEventLog,
  createRedisFleet,
  createRedisGates,
  createRedisNudges,
  createRedisPollBook,
  createRedisRunIndex,
  createRedisStore,
  createRedisStoreEpoch,
  createRedisTaskLogs,
  createRedisTunables,
  type Agenda,
  type DefinitionStore,
  type Fleet,
  type Gates,
  type LockObserver,
  type LockProvider,
  type Nudges,
  type PollBook,
  type RunIndex,
  type RunStore,
  type StoreEpoch,
  type TaskLogs,
  type TunableStore,
} from '@joinery/store';
import { createSandbox } from '@joinery/sandbox';
import { createEngine, type Engine } from './engine.ts';
import { type EnginePorts, type EventPorts } from './engine-ports.ts';
import { defaultEngineTunables, type EngineTunables } from './engine-tunables.ts';
import { createLockMetrics } from './decisions/lock-metrics.ts';
import { checkEpoch } from './looks/check-epoch.ts';
import { sealingKeyOf } from './secrets/sealed-text.ts';
import { createSecretVault, type SecretVault } from './secrets/secret-vault.ts';

/** An engine with all that was opened for it. */
export interface OpenEngine {
  readonly engine: Engine;
  readonly store: RunStore;
  readonly definitions: DefinitionStore;
  readonly agenda: Agenda;
  readonly deadLetters: Agenda;
  /** Tags and schemas. */
  readonly documents: Agenda;
  readonly secrets: SecretVault;
  /** Circuit breakers. */
  readonly circuits: Agenda;
  readonly fleet: Fleet;
  readonly tunables: TunableStore;
  readonly taskLogs: TaskLogs;
  readonly polls: PollBook;
  /** What searches read. */
  readonly index: RunIndex;
  /** The connection that store and queues share. */
  readonly redis: RedisClient;
  /** A connection of its own, as BullMQ's workers need it; the caller ends it. */
  readonly connect: () => RedisClient;
  /** Flushes and disconnects. Bounded, also when Redis is away. */
  close(): Promise<void>;
}

/** What an engine is opened from. */
export interface OpenEngineOptions {
  /** With `redis.url` set. */
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Unique over all processes and restarts. */
  readonly processId: string;
  /** Replaces single ports: tests inject faults. */
  readonly ports?: Partial<EnginePorts>;
}

/** How often changed tunables are looked for: in force everywhere within 1 s. */
const TUNABLES_EVERY_MS = 500;

/** Tunables by the name under which operators know them. */
export const TUNABLE_NAMES: Readonly<Record<string, keyof EngineTunables>> = {
  'lock.decide.timeToTry': 'timeToTryMs',
  'lock.decide.lease': 'leaseMs',
  'coordinator.overtakeAfter': 'overtakeAfterMs',
  'scheduler.relayAfter': 'relayAfterMs',
};

/**
 * Put an engine together from the configuration: connections, store, queues, locks, tunables. Rejects with a coded error
 * when Redis is too old or evicts keys. Waits for a Redis that is away: callers set their own bound.
 */
export async function openEngine(options: OpenEngineOptions): Promise<OpenEngine> {
  const { config, logger, metrics, processId } = options;
  const { url } = config.redis;
  if (url === undefined)
    throw joineryError('JN_CONFIG_INVALID', {
      count: 1,
      problem: 'REDIS_URL is not set',
      problems: [],
    });
  const redis = connectRedis(url, logger);
  try {
    await checkRedis(redis, redactedAddress(url));
    const parts = openParts(redis, config);
    const observer = createLockMetrics(metrics, logger);
    const locks = await openLocks(redis, { config, fleet: parts.fleet, logger, observer });
    await checkEpoch({ ...parts, logger });
    const unfollow = followEpoch(redis, { ...parts, logger });
    const watch = await watchTunables(parts.tunables, config, logger);
    const secrets = openSecrets(redis, config, logger);
    await secrets.start();
    const sandbox = createSandbox();
    const engine = createEngine({
      store: parts.store,
      definitions: parts.definitions,
      queue: createBullmqJobQueue({ connection: redis, prefix: config.queue.prefix }),
      nudges: parts.nudges,
      gates: parts.gates,
      circuits: parts.circuits,
      locks: locks.locks,
      clock: systemClock,
      entropy: systemEntropy,
      logger,
      ...(metrics === undefined ? {} : { metrics }),
      processId,
      tunables: watch.current,
      maxRedeliveries: config.worker.maxRedeliveries,
      sizeLimits: {
        tasks: config.limits.tasksPerRun,
        history: config.limits.historyLength,
        policy: config.limits.whenReached,
      },
      env: environmentOf(config.workflow.env),
      evaluator: sandbox,
      secrets: secrets.lookup,
      events: eventPorts(redis, config),
      ...options.ports,
    });
    return {
      engine,
      ...parts,
      secrets,
      redis,
      connect: () => connectRedis(url, logger),
      async close() {
        unfollow();
        await Promise.all([watch.stop(), secrets.stop()]);
        await engine.close();
        await sandbox.close();
        await Promise.all([parts.nudges.close(), locks.close(), engine.queue.close()]);
        redis.disconnect();
      },
    };
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

/** Each time the connection is ready again, somebody else may be at its other end. */
function followEpoch(
  redis: RedisClient,
  { store, epochs, logger }: Parts & { readonly logger: Logger },
): () => void {
  const onReady = (): void => {
    checkEpoch({ epochs, store, logger }).catch((err: unknown) => {
      logger.warn({ event: 'store.epoch-unknown', err }, 'the next connection tells');
    });
  };
  redis.on('ready', onReady);
  return () => redis.off('ready', onReady);
}

type Parts = Pick<
  OpenEngine,
  | 'store'
  | 'definitions'
  | 'tunables'
  | 'agenda'
  | 'deadLetters'
  | 'documents'
  | 'circuits'
  | 'fleet'
  | 'taskLogs'
  | 'polls'
  | 'index'
> & {
  readonly nudges: Nudges;
  readonly gates: Gates;
  readonly epochs: StoreEpoch;
};

function openParts(redis: RedisClient, config: Config): Parts {
  const storeOptions = {
    prefix: config.redis.prefix,
    partitions: config.store.partitions,
    inlineMaxBytes: config.store.inlineMaxBytes,
    maxSweepAgeMs: config.sweeper.maxSweepAgeMs,
    fullDecideIntervalMs: config.sweeper.fullDecideIntervalMs,
    calmDecideIntervalMs: config.sweeper.calmDecideIntervalMs,
    retention: config.retention,
  };
  return {
    store: createRedisStore(redis, storeOptions),
    definitions: createRedisDefinitionStore(redis, storeOptions),
    nudges: createRedisNudges(redis, storeOptions),
    gates: createRedisGates(redis, storeOptions),
    tunables: createRedisTunables(redis, storeOptions),
    taskLogs: createRedisTaskLogs(redis, storeOptions),
    polls: createRedisPollBook(redis, storeOptions),
    index: createRedisRunIndex(redis, storeOptions),
    agenda: createRedisAgenda(redis, storeOptions),
    deadLetters: createRedisAgenda(redis, { ...storeOptions, name: 'dead-letters' }),
    documents: createRedisAgenda(redis, { ...storeOptions, name: 'documents' }),
    circuits: createRedisAgenda(redis, { ...storeOptions, name: 'circuits' }),
    fleet: createRedisFleet(redis, storeOptions),
    epochs: createRedisStoreEpoch(redis, storeOptions),
  };
}

/** `redis`, and `redlock` without nodes of its own, share the run's slot: the lock rides in the scripts. */
async function openLocks(
  redis: RedisClient,
  {
    config,
    fleet,
    logger,
    observer,
  }: { config: Config; fleet: Fleet; logger: Logger; observer: LockObserver },
): Promise<{ locks: LockProvider | 'fused'; close: () => Promise<void> }> {
  const { driver, nodes, force, timeToTryMs, leaseMs, retryDelayMs } = config.lock;
  if (driver === 'redis' || (driver === 'redlock' && nodes.length === 0)) {
    return { locks: 'fused', close: () => Promise.resolve() };
  }
  const lockNodes = nodes.map((node) => connectRedis(node, logger));
  const locks = await createLockProvider({
    driver,
    redis,
    ...(lockNodes.length > 0 ? { lockNodes } : {}),
    liveProcesses: async () => (await fleet.live()).length,
    isForced: force,
    tunables: () => ({ timeToTryMs, leaseMs, retryDelayMs }),
    observer,
  });
  return {
    locks,
    async close() {
      await locks.close();
      for (const node of lockNodes) node.disconnect();
    },
  };
}

/** The tunables as they are now: the configuration's, under what operators have set since. */
async function watchTunables(
  store: TunableStore,
  config: Config,
  logger: Logger,
): Promise<{ current: () => EngineTunables; stop: () => Promise<void> }> {
  const configured: EngineTunables = {
    ...defaultEngineTunables,
    timeToTryMs: config.lock.timeToTryMs,
    leaseMs: config.lock.leaseMs,
    overtakeAfterMs: config.coordinator.overtakeAfterMs,
    relayAfterMs: config.scheduler.relayAfterMs,
  };
  let current = configured;
  const pass = async (): Promise<void> => {
    current = withTunables(configured, await store.all());
  };
  await pass();
  const loop = createLoop({ name: 'tunables', intervalMs: () => TUNABLES_EVERY_MS, pass, logger });
  loop.start();
  return {
    current: () => current,
    async stop() {
      await loop.stop(1_000);
    },
  };
}

function withTunables(
  configured: EngineTunables,
  set: Readonly<Record<string, string>>,
): EngineTunables {
  const changed = Object.entries(set).flatMap(([name, text]) => {
    const field = TUNABLE_NAMES[name];
    const ms = parseDuration(text);
    return field === undefined || ms === undefined ? [] : [[field, ms] as const];
  });
  return { ...configured, ...Object.fromEntries(changed) };
}

/** Variables that workflows may read; one that holds JSON is read as such. */
function environmentOf(names: string): JsonObject {
  return Object.fromEntries(
    Object.entries(readVariables(names)).map(([name, text]) => [name, jsonOrText(text)]),
  );
}

function jsonOrText(text: string): Json {
  try {
    const value: Json = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : text;
  } catch {
    // Most values are no JSON, and are meant as text.
    return text;
  }
}

function eventPorts(redis: RedisClient, config: Config): EventPorts {
  const { prefix } = config.queue;
  return {
    log: createRedisEventLog(redis, { prefix: config.redis.prefix }),
    queue: createBullmqEventQueue({ connection: redis, prefix }),
  };
}

/** Sealed secrets are read anew twice a second: they stand apart from documents of which there may be many. */
function openSecrets(redis: RedisClient, config: Config, logger: Logger): SecretVault {
  const { workflow } = config;
  const documents = createRedisAgenda(redis, { prefix: config.redis.prefix, name: 'secrets' });
  const fixed = new Map(Object.entries(readVariables(workflow.secrets)));
  const key = workflow.secretKey === undefined ? null : sealingKeyOf(workflow.secretKey);
  return createSecretVault({ documents, entropy: systemEntropy, logger, fixed, key });
}

function redactedAddress(url: string): string {
  const { host } = new URL(url);
  return host;
}
