import { startRedis } from '@joinery/testing';
import { createKeyBuilder } from '@joinery/store';
import { CLUSTER_PARTITIONS } from './cluster-engine.ts';
import { openDriver } from './open-subject.ts';
import { openJoineryService, type Role } from './joinery-service.ts';
import { type ClusterNode, startRedisCluster } from './redis-cluster.ts';
import { readUsage, type RedisUsage, usagePer } from './redis-usage.ts';
import { type Site } from './subject.ts';
import { defaultSettings } from './sweep-settings.ts';
import { type WorkloadName, workloadOf } from './workload.ts';

/** What a task costs on a cluster, over all masters. */
export interface ClusterCosts {
  readonly masterCount: number;
  /** Of 256, per master. */
  readonly partitionsPerMaster: readonly number[];
  readonly perTask: RedisUsage;
  /** Of all scripts, per master, largest first; the one with BullMQ's queues has those, too. */
  readonly scriptShares: readonly number[];
  readonly verifiedCount: number;
}

/** Nothing that comes with time: sweeps of 256 partitions would drown what a task costs. */
const ROLES: readonly Role[] = ['worker', 'coordinator'];

/** Runs a workload in a closed loop on a cluster of so many masters, everything but Redis in this process. */
export async function measureCluster(
  workload: WorkloadName,
  masterCount: number,
  loop: { readonly warmUpMs: number; readonly loopMs: number; readonly inflight: number },
): Promise<ClusterCosts> {
  await using cluster = await startRedisCluster(masterCount);
  await using ends = await startRedis();
  const site: Site = { url: cluster.url, endsUrl: ends.url, workload, branches: 1 };
  const settings = defaultSettings('joinery');
  const { concurrency } = settings;
  const service = await openJoineryService(site, { roles: ROLES, concurrency });
  const driver = await openDriver({ subject: 'joinery', site, settings });
  try {
    await driver.closedLoop(loop.warmUpMs, loop.inflight);
    const before = await usages(cluster.nodes);
    const { finishedCount } = await driver.closedLoop(loop.loopMs, loop.inflight);
    const after = await usages(cluster.nodes);
    const { verifiedCount } = await driver.verify();
    const scripts = after.map((usage, index) => usage.scripts - (before[index]?.scripts ?? 0));
    const sum = scripts.reduce((all, count) => all + count, 0);
    return {
      masterCount,
      partitionsPerMaster: await partitionsOn(cluster.nodes),
      perTask: usagePer(
        finishedCount * workloadOf(workload).taskCount,
        total(before),
        total(after),
      ),
      scriptShares: scripts.map((count) => count / sum).toSorted((a, b) => b - a),
      verifiedCount,
    };
  } finally {
    await driver.close();
    await service.close();
  }
}

async function usages(nodes: readonly ClusterNode[]): Promise<readonly RedisUsage[]> {
  return Promise.all(nodes.map(({ redis }) => readUsage(redis)));
}

function total(usage: readonly RedisUsage[]): RedisUsage {
  const sum = (name: keyof RedisUsage): number => usage.reduce((all, one) => all + one[name], 0);
  return {
    scripts: sum('scripts'),
    commands: sum('commands'),
    roundTrips: sum('roundTrips'),
    bytesIn: sum('bytesIn'),
    bytesOut: sum('bytesOut'),
    cpuUs: sum('cpuUs'),
  };
}

/** Redis itself says which slot a partition has. */
async function partitionsOn(nodes: readonly ClusterNode[]): Promise<readonly number[]> {
  const keys = createKeyBuilder('jn', CLUSTER_PARTITIONS);
  const slots = await Promise.all(
    Array.from({ length: CLUSTER_PARTITIONS }, async (_, partition) => {
      return Number(
        await nodes[0]?.redis.call('CLUSTER', 'KEYSLOT', keys.partition(partition).attention),
      );
    }),
  );
  return nodes.map(
    ({ firstSlot, lastSlot }) =>
      slots.filter((slot) => slot >= firstSlot && slot <= lastSlot).length,
  );
}
