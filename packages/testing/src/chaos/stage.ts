/*
 * A Redis, a fleet of role processes on it, and a client: what most scenarios are played on.
 * Ownership: it ends all that it has opened.
 */
import { createSeededEntropy, type Entropy } from '@joinery/kit';
import { Redis } from 'ioredis';
import { startRedis, type RedisServer, type StartRedisOptions } from '../redis-server.ts';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { type BundledEntry } from './bundle-entry.ts';
import { createFaultLog, type FaultLog } from './fault-log.ts';
import { type LocalSystem } from './local-system.ts';
import { type PlayedRun } from './judge-stage.ts';
import { openClient } from './open-client.ts';
import { openFleet, type FleetOptions, type Member, type ProcessFleet } from './process-fleet.ts';
import { ROLES } from './role-messages.ts';
import { superviseWorkers } from './supervise.ts';

/** What stands on a stage. */
export interface StageOptions {
  readonly redis?: StartRedisOptions;
  /** Instead: opens what stands for Redis; the stage ends it. */
  readonly openRedis?: () => Promise<RedisServer>;
  /** Default: two workers, two coordinators, a scheduler, a sweeper, two spares; steps of 2 to 30 ms. */
  readonly fleet?: Partial<Omit<FleetOptions, 'url' | 'bundle'>>;
  /** The fleet reaches Redis through a proxy; `each`: every process through one of its own. */
  readonly isProxied?: boolean | 'each';
  /** Lock nodes apart from the store, without persistence; 0 = the lock rides in the store’s scripts. Default 0. */
  readonly lockNodes?: number;
  /** Workers that end by themselves, or do not answer, are replaced. Default false. */
  readonly isSupervised?: boolean;
  readonly seed: number;
  readonly bundle?: BundledEntry;
}

/** A stage that is set. */
export interface Stage extends AsyncDisposable {
  readonly redis: RedisServer;
  readonly fleet: ProcessFleet;
  readonly client: LocalSystem;
  /** A connection of nobody's. */
  readonly raw: Redis;
  /** What the fleet's connections go through, where the options ask for it. */
  readonly proxy: TcpProxy | null;
  readonly lockNodes: readonly RedisServer[];
  readonly entropy: Entropy;
  /** Runs that faults have started; they are waited for and judged like the others. */
  readonly others: PlayedRun[];
  /** What becomes of runs that faults have spoilt; awaited before the verdict. */
  readonly fates: Promise<void>[];
  readonly log: FaultLog;
}

/** Claims end sooner than in production, so that more of them end while somebody looks. */
const QUICK_CLAIMS = {
  JOINERY_WORKER_CLAIM_LEASE: '1500ms',
  JOINERY_WORKER_BEAT_EVERY: '400ms',
};

/** Opens everything, and waits until every process has its role. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const owned: AsyncDisposable[] = [];
  const own = <T extends AsyncDisposable>(each: T): T => {
    owned.unshift(each);
    return each;
  };
  const closeAll = async (): Promise<void> => {
    for (const each of owned.splice(0)) await each[Symbol.asyncDispose]();
  };
  try {
    return { ...(await openParts(options, own)), [Symbol.asyncDispose]: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function openParts(
  options: StageOptions,
  own: <T extends AsyncDisposable>(each: T) => T,
): Promise<Omit<Stage, typeof Symbol.asyncDispose>> {
  const redis = own(await (options.openRedis?.() ?? startRedis(options.redis)));
  const proxy = options.isProxied === true ? own(await openTcpProxy(redis.port)) : null;
  const lockNodes: RedisServer[] = [];
  while (lockNodes.length < (options.lockNodes ?? 0)) lockNodes.push(own(await startRedis()));
  // It decides the first step of the runs that it starts: by the same settings as the fleet.
  const client = own(await openClient(redis.url, options.fleet?.env));
  const raw = new Redis(redis.url);
  // Outages are what it is for; nobody wants to hear of them from this connection.
  raw.on('error', () => undefined);
  own({ [Symbol.asyncDispose]: async () => raw.disconnect() });
  const proxied = options.isProxied === 'each' ? { port: redis.port } : undefined;
  const url = proxy?.url ?? redis.url;
  const fleet = own(await openFleetOf(options, { url, ...(proxied && { proxied }) }, lockNodes));
  const entropy = createSeededEntropy(options.seed);
  const log = createFaultLog();
  if (options.isSupervised) {
    own(superviseWorkers(fleet, (count) => log.count('replacedWorkers', count)));
  }
  return { redis, proxy, lockNodes, client, raw, fleet, entropy, others: [], fates: [], log };
}

function openFleetOf(
  { fleet, bundle }: StageOptions,
  address: Pick<FleetOptions, 'url' | 'proxied'>,
  lockNodes: readonly RedisServer[],
): Promise<ProcessFleet> {
  const nodes = lockNodes.map((node) => node.url).join(',');
  return openFleet({
    roles: { worker: 2, coordinator: 2, scheduler: 1, sweeper: 1 },
    spares: 2,
    stepMs: [2, 30],
    ...fleet,
    env: { ...QUICK_CLAIMS, ...(nodes !== '' && { JOINERY_LOCK_NODES: nodes }), ...fleet?.env },
    ...address,
    ...(bundle && { bundle }),
  });
}

/** All processes with a role. */
export function everybody({ fleet }: Stage): readonly Member[] {
  return ROLES.flatMap((role) => fleet.members(role));
}

/** One of them, by the stage's chance. */
export function pick<T>({ entropy }: Stage, items: readonly T[]): T {
  const item = items[entropy.seed() % items.length];
  if (item === undefined) throw new Error('there is nobody left');
  return item;
}
