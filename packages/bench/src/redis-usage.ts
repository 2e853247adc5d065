import { type Redis } from 'ioredis';

/** What Redis has done so far, or between two moments. */
export interface RedisUsage {
  /** Scripts that clients have called. */
  readonly scripts: number;
  /** Commands, those that scripts run included. */
  readonly commands: number;
  /** Reads from clients' sockets: what a client has sent at once is one, however many commands it holds. */
  readonly roundTrips: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** User and system time of the server, append-only file included, µs. */
  readonly cpuUs: number;
}

/** One command's share of the work. */
export interface CommandStat {
  readonly calls: number;
  /** Time inside, µs; of a script with all that it calls. */
  readonly us: number;
}

/** The fields of some sections of INFO. */
export async function readInfo(
  redis: Redis,
  ...sections: readonly string[]
): Promise<ReadonlyMap<string, string>> {
  const texts = await Promise.all(sections.map((section) => redis.info(section)));
  const lines = texts.join('\n').split(/\r?\n/);
  return new Map(
    lines.flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
    }),
  );
}

/** Statistics per command name, as INFO commandstats has them. */
export function commandStatsOf(
  info: ReadonlyMap<string, string>,
): ReadonlyMap<string, CommandStat> {
  const found = new Map<string, CommandStat>();
  for (const [name, text] of info) {
    const match = /^calls=(\d+),usec=(\d+)/.exec(text);
    if (!name.startsWith('cmdstat_') || match === null) continue;
    found.set(name.slice('cmdstat_'.length), { calls: Number(match[1]), us: Number(match[2]) });
  }
  return found;
}

/** What Redis has done since it was started. */
export async function readUsage(redis: Redis): Promise<RedisUsage> {
  const info = await readInfo(redis, 'stats', 'cpu', 'commandstats');
  const stats = commandStatsOf(info);
  const number = (name: string): number => Number(info.get(name) ?? 0);
  return {
    scripts: (stats.get('evalsha')?.calls ?? 0) + (stats.get('eval')?.calls ?? 0),
    commands: number('total_commands_processed'),
    roundTrips: number('total_reads_processed'),
    bytesIn: number('total_net_input_bytes'),
    bytesOut: number('total_net_output_bytes'),
    cpuUs: (number('used_cpu_user') + number('used_cpu_sys')) * 1e6,
  };
}

/** What was done between two moments, divided among `count` things. */
export function usagePer(count: number, before: RedisUsage, after: RedisUsage): RedisUsage {
  const share = (name: keyof RedisUsage): number => (after[name] - before[name]) / count;
  return {
    scripts: share('scripts'),
    commands: share('commands'),
    roundTrips: share('roundTrips'),
    bytesIn: share('bytesIn'),
    bytesOut: share('bytesOut'),
    cpuUs: share('cpuUs'),
  };
}

/** Memory of the data itself: without clients, scripts and the buffer of the append-only file. */
export async function readDataBytes(redis: Redis): Promise<number> {
  const info = await readInfo(redis, 'memory');
  const number = (name: string): number => Number(info.get(name) ?? 0);
  const apart = ['mem_clients_normal', 'mem_aof_buffer', 'used_memory_scripts'];
  return apart.reduce((left, name) => left - number(name), number('used_memory'));
}

/** BullMQ jobs that were ever added to these queues. */
export async function countJobs(redis: Redis, queues: readonly string[]): Promise<number> {
  const counts = await Promise.all(queues.map((queue) => redis.get(`bull:${queue}:id`)));
  return counts.reduce((sum, count) => sum + Number(count ?? 0), 0);
}
