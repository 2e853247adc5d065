/*
 * A throwaway Redis Cluster: so many masters as processes of this machine, no replicas.
 * Ownership: the object owns its servers. Interface: start, `nodes`, dispose.
 * Invariant: when it is there, every slot is served and every node knows it.
 */
import { eventually, freePort, type RedisServer, startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';

const SLOTS = 16_384;
/** Nodes tell each other of themselves and of slots every second or so. */
const READY_WITHIN_MS = 60_000;

/** A running cluster. */
export interface RedisCluster extends AsyncDisposable {
  /** Of any node, for clients: `redis-cluster://…`. */
  readonly url: string;
  readonly nodes: readonly ClusterNode[];
}

/** One master, and the slots that it serves. */
export interface ClusterNode {
  readonly redis: Redis;
  readonly firstSlot: number;
  readonly lastSlot: number;
}

/** Starts masters that share the slots evenly, in bands. */
export async function startRedisCluster(masterCount: number): Promise<RedisCluster> {
  const servers: RedisServer[] = [];
  const nodes: ClusterNode[] = [];
  const dispose = async (): Promise<void> => {
    for (const { redis } of nodes) redis.disconnect();
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  };
  try {
    const busPorts: number[] = [];
    for (let index = 0; index < masterCount; index += 1) {
      const busPort = await freePort();
      const settings = {
        'cluster-enabled': 'yes',
        'cluster-port': String(busPort),
        // A node that nobody has met does not know its own address, and clients could not find it.
        'cluster-announce-ip': '127.0.0.1',
      };
      const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
      const server = await startRedis({ appendonly: true, args });
      servers.push(server);
      busPorts.push(busPort);
      const firstSlot = Math.round((index * SLOTS) / masterCount);
      const lastSlot = Math.round(((index + 1) * SLOTS) / masterCount) - 1;
      nodes.push({ redis: new Redis(server.url), firstSlot, lastSlot });
    }
    await join(nodes, servers, busPorts);
    return {
      url: `redis-cluster://127.0.0.1:${servers[0]?.port ?? 0}`,
      nodes,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function join(
  nodes: readonly ClusterNode[],
  servers: readonly RedisServer[],
  busPorts: readonly number[],
): Promise<void> {
  for (const [index, { redis, firstSlot, lastSlot }] of nodes.entries()) {
    await redis.call('CLUSTER', 'ADDSLOTSRANGE', firstSlot, lastSlot);
    // Apart, so that two nodes never have to find out which of them is newer.
    await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  }
  for (const [index, { port }] of servers.entries()) {
    if (index > 0) {
      await nodes[0]?.redis.call('CLUSTER', 'MEET', '127.0.0.1', port, busPorts[index] ?? 0);
    }
  }
  const isReady = async ({ redis }: ClusterNode): Promise<boolean> => {
    const info = String(await redis.call('CLUSTER', 'INFO'));
    return info.includes('cluster_state:ok') && info.includes(`cluster_size:${nodes.length}\r`);
  };
  await eventually(async () => !(await Promise.all(nodes.map(isReady))).includes(false), {
    withinMs: READY_WITHIN_MS,
  });
}
