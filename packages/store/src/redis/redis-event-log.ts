import { isJsonObject } from '@joinery/core';
import { z } from 'zod';
import type { EventAim, EventLog, ReceivedEvent, StoredHandler } from '../event-log.ts';
import type { RedisClient } from '../script.ts';
import { persist } from './persist.ts';
import { createRedisScope, type RedisScope, type RedisStoreOptions } from './redis-scope.ts';
import { storedJson, storedRunId, storedTaskKey } from './stored-names.ts';

/** One group for all handlers of a sink: whichever process receives an event applies all of them. */
const GROUP = 'joinery';
/** Nobody is told apart: what one process has left behind is anybody's. */
const CONSUMER = 'joinery';
/** More keeps Redis' memory; fewer loses events when no process handles them for long. */
const KEPT_EVENTS = 100_000;
const AIM_KEPT_MS = 7 * 86_400_000;

const aimSchema = z.object({ runId: storedRunId, key: storedTaskKey, attempt: z.number() });
const handlerSchema = z.object({ sink: z.string(), definition: storedJson });
const entry = z.tuple([z.string(), z.array(z.string()).nullable()]);
const readReply = z.array(z.tuple([z.string(), z.array(entry)])).nullable();
const claimReply = z.tuple([z.string(), z.array(entry.nullable())]).rest(z.unknown());

/** An event log on Redis streams. */
export function createRedisEventLog(redis: RedisClient, options: RedisStoreOptions = {}): EventLog {
  const scope = createRedisScope(redis, options);
  const { keys } = scope;
  const ask = <T>(what: string, work: () => Promise<T>): Promise<T> => persist(scope, what, work);
  return {
    publish: async ({ id, sink, payload }) => {
      const fields = ['id', id, 'payload', JSON.stringify(payload)];
      const bound = ['MAXLEN', '~', KEPT_EVENTS] as const;
      await ask('XADD', () => redis.xadd(keys.eventStream(sink), ...bound, '*', ...fields));
    },
    receive: async ({ sinks, limit, idleMs }) => {
      if (sinks.length === 0) return [];
      const found = await (idleMs === null
        ? readNew(scope, sinks, limit)
        : claimLeft(scope, sinks, { limit, idleMs }));
      return await eventsOf(scope, found);
    },
    done: async ({ sink, entryId }) => {
      await ask('XACK', () => redis.xack(keys.eventStream(sink), GROUP, entryId));
    },
    aim: async (effectId, aim) => {
      const key = keys.eventAim(effectId);
      await ask('SET', () => redis.set(key, JSON.stringify(aim), 'PX', AIM_KEPT_MS, 'NX'));
      return (await readAim(scope, effectId)) ?? aim;
    },
    aimOf: (effectId) => readAim(scope, effectId),
    putHandler: async ({ name, sink, definition }) => {
      await makeGroup(scope, sink, '$');
      const text = JSON.stringify({ sink, definition });
      await ask('HSET', () => redis.hset(keys.eventHandlers, name, text));
    },
    removeHandler: async (name) =>
      (await ask('HDEL', () => redis.hdel(keys.eventHandlers, name))) === 1,
    handlers: async () => {
      const all = await ask('HGETALL', () => redis.hgetall(keys.eventHandlers));
      return Object.entries(all)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, text]) => handlerOf(name, text));
    },
  };
}

function handlerOf(name: string, text: string): StoredHandler {
  const { sink, definition } = handlerSchema.parse(JSON.parse(text));
  return { name, sink, definition };
}

type Found = readonly (readonly [sink: string, entry: z.output<typeof entry>])[];

async function readNew(scope: RedisScope, sinks: readonly string[], limit: number): Promise<Found> {
  const { redis, keys } = scope;
  const names = sinks.map((sink) => keys.eventStream(sink));
  const from = sinks.map(() => '>');
  const read = (): Promise<unknown> =>
    redis.xreadgroup('GROUP', GROUP, CONSUMER, 'COUNT', limit, 'STREAMS', ...names, ...from);
  const reply = await persist(scope, 'XREADGROUP', () => withGroups(scope, sinks, read));
  return (readReply.parse(reply ?? null) ?? []).flatMap(([name, entries]) => {
    const sink = sinks[names.indexOf(name)] ?? '';
    return entries.map((each) => [sink, each] as const);
  });
}

async function claimLeft(
  scope: RedisScope,
  sinks: readonly string[],
  { limit, idleMs }: { readonly limit: number; readonly idleMs: number },
): Promise<Found> {
  const { redis, keys } = scope;
  const found: (readonly [string, z.output<typeof entry>])[] = [];
  for (const sink of sinks) {
    const name = keys.eventStream(sink);
    const claim = (): Promise<unknown> =>
      redis.xautoclaim(name, GROUP, CONSUMER, idleMs, '0', 'COUNT', limit);
    const reply = await persist(scope, 'XAUTOCLAIM', () => withGroups(scope, [sink], claim));
    const [, entries] = claimReply.parse(reply);
    for (const each of entries) if (each !== null) found.push([sink, each]);
  }
  return found;
}

/** Groups are made with the handler; one that is gone begins with all that is there, since effects are not repeated. */
async function withGroups<T>(
  scope: RedisScope,
  sinks: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('NOGROUP')) throw error;
    for (const sink of sinks) await makeGroup(scope, sink, '0');
    return await work();
  }
}

async function makeGroup(
  { redis, keys }: RedisScope,
  sink: string,
  from: '$' | '0',
): Promise<void> {
  try {
    await redis.xgroup('CREATE', keys.eventStream(sink), GROUP, from, 'MKSTREAM');
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('BUSYGROUP')) throw error;
  }
}

/** What somebody else has put into a stream, or what was trimmed, comes to nothing and is done with. */
async function eventsOf(scope: RedisScope, found: Found): Promise<readonly ReceivedEvent[]> {
  const events: ReceivedEvent[] = [];
  for (const [sink, [entryId, fields]] of found) {
    const event = fields === null ? null : eventOf(sink, entryId, fields);
    if (event !== null) events.push(event);
    else await scope.redis.xack(scope.keys.eventStream(sink), GROUP, entryId);
  }
  return events;
}

function eventOf(sink: string, entryId: string, fields: readonly string[]): ReceivedEvent | null {
  const field = (name: string): string | undefined => {
    const at = fields.findIndex((each, index) => index % 2 === 0 && each === name);
    return at < 0 ? undefined : fields[at + 1];
  };
  try {
    const payload = storedJson.parse(JSON.parse(field('payload') ?? ''));
    // What a foreign producer publishes need not have an id: its place in the stream is one.
    const id = field('id') ?? `${sink}/${entryId}`;
    return isJsonObject(payload) ? { id, sink, entryId, payload } : null;
  } catch {
    return null;
  }
}

async function readAim(scope: RedisScope, effectId: string): Promise<EventAim | null> {
  const key = scope.keys.eventAim(effectId);
  const text = await persist(scope, 'GET', () => scope.redis.get(key));
  return text === null ? null : aimSchema.parse(JSON.parse(text));
}
