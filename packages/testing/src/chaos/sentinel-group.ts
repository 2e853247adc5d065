/*
 * A master, a replica and three sentinels. Clients reach whoever is master through one address, as by a virtual IP.
 * Replication and sentinels go through a slow proxy before each server, so that a replica lags and can be cut off.
 * Ownership: every process and proxy of it. Interface: that of one Redis, and isolate, failOver, rejoin.
 */
import { Redis } from 'ioredis';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { freePort } from '../free-port.ts';
import { type RedisServer, startRedis } from '../redis-server.ts';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** How a group is made. */
export interface SentinelOptions {
  /** One way between master, replica and sentinels, ms. */
  readonly lagMs: number;
  /** More arguments of both servers. */
  readonly args?: readonly string[];
}

/** A Redis that fails over. As a server it is its present master. */
export interface SentinelGroup extends RedisServer {
  /** An address of the master that stays its own after a failover. */
  masterUrl(): string;
  /** From now on neither replica nor sentinels reach the master; clients do. */
  isolate(): void;
  /** Waits until the sentinels have named another master; new connections of clients go there. Answers the old one. */
  failOver(): Promise<RedisServer>;
  /** Ends the connections of this share (0 to 1) of the clients: they come again at the present master. */
  move(share: number): void;
  /** The old master comes back as a replica with nothing of its own; resolves when it has all. */
  rejoin(): Promise<void>;
}

interface Node {
  readonly server: RedisServer;
  readonly front: TcpProxy;
}

const SENTINELS = 3;
/** Silence after which a sentinel calls a master down, ms. */
const DOWN_AFTER_MS = 1_000;
const FAILS_OVER_WITHIN_MS = 90_000;

/** Starts all of it; resolves when the replica has caught up. */
export async function openSentinelGroup(options: SentinelOptions): Promise<SentinelGroup> {
  const owned: AsyncDisposable[] = [];
  const own = <T extends AsyncDisposable>(each: T): T => {
    owned.unshift(each);
    return each;
  };
  const first = await openNode(options, own);
  const second = await openNode(options, own);
  const clients = own(await openTcpProxy(first.server.port));
  const dir = await mkdtemp(join(tmpdir(), 'joinery-sentinels-'));
  own({ [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) });
  const ports: number[] = [];
  await follow(second, first);
  while (ports.length < SENTINELS) ports.push(await openSentinel(dir, first, own));
  await eventually(async () => (await replicasSeen(ports[0] ?? 0)) === 1, {
    withinMs: FAILS_OVER_WITHIN_MS,
    everyMs: 200,
  });
  return new Group({ nodes: [first, second], clients, sentinelPort: ports[0] ?? 0, owned });
}

/** The group that stands for a stage's Redis. Throws where there is none. */
export function sentinelsOf({ redis }: { readonly redis: RedisServer }): SentinelGroup {
  if (redis instanceof Group) return redis;
  throw new Error('there are no sentinels on this stage');
}

interface Parts {
  readonly nodes: readonly [Node, Node];
  readonly clients: TcpProxy;
  readonly sentinelPort: number;
  readonly owned: AsyncDisposable[];
}

class Group implements SentinelGroup {
  readonly url: string;
  readonly port: number;
  readonly #clients: TcpProxy;
  readonly #sentinelPort: number;
  readonly #owned: AsyncDisposable[];
  #master: Node;
  #other: Node;

  constructor({ nodes, clients, sentinelPort, owned }: Parts) {
    [this.#master, this.#other] = nodes;
    this.#clients = clients;
    this.#sentinelPort = sentinelPort;
    this.#owned = owned;
    this.url = clients.url;
    this.port = Number(new URL(clients.url).port);
  }

  get pid(): number {
    return this.#master.server.pid;
  }

  get dir(): string {
    return this.#master.server.dir;
  }

  masterUrl(): string {
    return this.#master.server.url;
  }

  kill(): Promise<void> {
    return this.#master.server.kill();
  }

  restart(): Promise<void> {
    return this.#master.server.restart();
  }

  pause(): void {
    this.#master.server.pause();
  }

  resume(): void {
    this.#master.server.resume();
  }

  isolate(): void {
    this.#master.front.hang();
  }

  async failOver(): Promise<RedisServer> {
    const wanted = portOf(this.#other.front);
    const isDone = async (): Promise<boolean> => (await masterPort(this.#sentinelPort)) === wanted;
    await eventually(isDone, { withinMs: FAILS_OVER_WITHIN_MS, everyMs: 50 });
    [this.#master, this.#other] = [this.#other, this.#master];
    await eventually(() => isMaster(this.#master), { withinMs: FAILS_OVER_WITHIN_MS, everyMs: 20 });
    this.#clients.retarget(this.#master.server.port);
    return this.#other.server;
  }

  move(share: number): void {
    let count = 0;
    this.#clients.reset(1, () => ((count += 1) % 100 < share * 100 ? 0 : 1));
  }

  async rejoin(): Promise<void> {
    await this.#other.server.restart();
    this.#other.front.heal();
    this.#other.front.reset(1, () => 0);
    await follow(this.#other, this.#master);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#owned.splice(0)) await each[Symbol.asyncDispose]();
  }
}

async function openNode(
  { lagMs, args = [] }: SentinelOptions,
  own: <T extends AsyncDisposable>(each: T) => T,
): Promise<Node> {
  const port = await freePort();
  const front = own(await openTcpProxy(port));
  front.delayBy(lagMs);
  const announced = ['--replica-announce-ip', '127.0.0.1', '--replica-announce-port'];
  const server = own(
    await startRedis({
      port,
      appendonly: true,
      args: [...announced, String(portOf(front)), '--repl-diskless-sync-delay', '0', ...args],
    }),
  );
  return { server, front };
}

/** Makes a server the replica of another; resolves when it has caught up. */
async function follow(replica: Node, master: Node): Promise<void> {
  await withRedis(replica.server.url, async (redis) => {
    await redis.replicaof('127.0.0.1', portOf(master.front));
    const isUp = async (): Promise<boolean> =>
      (await redis.info('replication')).includes('master_link_status:up');
    await eventually(isUp, { withinMs: FAILS_OVER_WITHIN_MS, everyMs: 50 });
  });
}

async function openSentinel(
  dir: string,
  master: Node,
  own: <T extends AsyncDisposable>(each: T) => T,
): Promise<number> {
  const port = await freePort();
  const file = join(dir, `${port}.conf`);
  const settings = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${dir}`,
    `sentinel monitor joinery 127.0.0.1 ${portOf(master.front)} 2`,
    `sentinel down-after-milliseconds joinery ${DOWN_AFTER_MS}`,
    'sentinel failover-timeout joinery 3000',
  ];
  await writeFile(file, settings.join('\n'));
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  own({ [Symbol.asyncDispose]: () => ended(child) });
  await eventually(async () => (await masterPort(port)) > 0, { withinMs: 10_000, everyMs: 50 });
  return port;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function masterPort(sentinelPort: number): Promise<number> {
  return withRedis(`redis://127.0.0.1:${sentinelPort}`, async (redis) => {
    const found = await redis.call('SENTINEL', 'get-master-addr-by-name', 'joinery');
    return Array.isArray(found) ? Number(found[1]) : 0;
  }).catch(() => 0);
}

async function replicasSeen(sentinelPort: number): Promise<number> {
  return withRedis(`redis://127.0.0.1:${sentinelPort}`, async (redis) => {
    const found = await redis.call('SENTINEL', 'replicas', 'joinery');
    return Array.isArray(found) ? found.length : 0;
  });
}

function isMaster({ server }: Node): Promise<boolean> {
  return withRedis(server.url, async (redis) =>
    (await redis.info('replication')).includes('role:master'),
  );
}

async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

function portOf(proxy: TcpProxy): number {
  return Number(new URL(proxy.url).port);
}
