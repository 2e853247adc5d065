import { EventEmitter, once } from 'node:events';
import { Redis } from 'ioredis';
import { monitorRedis } from './monitor-redis.ts';

/** What clients have asked of Redis while somebody listened. */
export interface CommandCounts {
  /** Scripts on the store's keys. */
  readonly storeScripts: number;
  /** Scripts on BullMQ's keys, without its periodic checks. */
  readonly queueScripts: number;
  /** Commands that clients sent, scripts included; not what scripts run. */
  readonly requests: number;
  /** Commands that scripts ran. */
  readonly nested: number;
  /** Requests by name, scripts by whose they are. */
  readonly byName: ReadonlyMap<string, number>;
}

/**
 * Whose script a call is, by its first key. BullMQ's scripts on `stalled` (checks, renewal of job locks) come with time
 * and not with work.
 */
function nameOf(args: readonly string[]): string {
  const [command = '', , , firstKey = ''] = args;
  const name = command.toLowerCase();
  if (name !== 'evalsha' && name !== 'eval') return name;
  if (!firstKey.startsWith('bull:')) return 'store script';
  return firstKey.endsWith(':stalled') ? 'queue check' : 'queue script';
}

/** Listens in (MONITOR) while `work` goes on, and counts. Slows Redis down: for counts, not for times. */
export async function countCommands(
  url: string,
  work: () => Promise<void>,
): Promise<CommandCounts> {
  const byName = new Map<string, number>();
  let nested = 0;
  const marker = 'end of count';
  const ended = new EventEmitter();
  const monitor = await monitorRedis(url, ({ args, isNested }) => {
    if (args[1] === marker) ended.emit(marker);
    else if (isNested) nested += 1;
    else byName.set(nameOf(args), (byName.get(nameOf(args)) ?? 0) + 1);
  });
  const connection = new Redis(url);
  try {
    await connection.ping();
    byName.clear();
    nested = 0;
    await work();
    await Promise.all([once(ended, marker), connection.echo(marker)]);
  } finally {
    monitor[Symbol.dispose]();
    connection.disconnect();
  }
  const requests = [...byName.values()].reduce((sum, count) => sum + count, 0);
  const storeScripts = byName.get('store script') ?? 0;
  const queueScripts = byName.get('queue script') ?? 0;
  return { storeScripts, queueScripts, requests, nested, byName };
}
