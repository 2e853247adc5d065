import { joineryError, type Json } from '@joinery/core';
import { z } from 'zod';
import { type Agenda, type AgendaCommit, type AgendaEntry } from '../agenda.ts';
import { defineScript, type RedisClient, taggedReply } from '../script.ts';
import { type AgendaName } from '../key-builder.ts';
import { persist } from './persist.ts';
import {
  callScript,
  clockArg,
  createRedisScope,
  type RedisStoreOptions,
  type ScriptKeys,
  storeNow,
} from './redis-scope.ts';

/** What a log keeps. */
const LOG_LIMIT = 200;
/** A taker that has died is replaced after this; one that is merely slow is doubled, which the commit's guard bears. */
const TAKEN_AGAIN_AFTER_MS = 5_000;

const commitScript = defineScript({
  name: 'commit-agenda',
  keys: (keys: ScriptKeys) => keys,
  args: ({ id, from, revision, body, dueAt, log = [] }: AgendaCommit) => [
    id,
    from ?? '',
    revision,
    body === null ? '' : JSON.stringify({ body, dueAt }),
    dueAt ?? '',
    LOG_LIMIT,
    ...log.map((line) => JSON.stringify(line)),
  ],
  reply: taggedReply({ committed: {}, conflict: {} }),
});

const takeScript = defineScript({
  name: 'take-agenda',
  keys: (keys: ScriptKeys) => keys,
  args: ({ clock, limit }: { readonly clock: string; readonly limit: number }) => [
    clock,
    limit,
    TAKEN_AGAIN_AFTER_MS,
  ],
  reply: z.tuple([z.number()], z.string()),
});

const storedState = z.object({ body: z.json(), dueAt: z.number().nullable() });
const storedLine = z.json();

/** The agenda in Redis, by Redis' clock; all of it in one slot of its own. */
export function createRedisAgenda(
  redis: RedisClient,
  options: RedisStoreOptions & { readonly name?: AgendaName } = {},
): Agenda {
  const scope = createRedisScope(redis, options);
  const { entries, due, log } = scope.keys.agenda(options.name ?? 'agenda');
  const entryOf = (id: string, stored: string): AgendaEntry => {
    const space = stored.indexOf(' ');
    try {
      const state = storedState.parse(JSON.parse(stored.slice(space + 1)));
      return { id, revision: stored.slice(0, space), ...state };
    } catch (cause) {
      const details = { key: entries, problem: `${id} cannot be read` };
      throw joineryError('JN_STORE_CORRUPT', details, { cause });
    }
  };
  return {
    async find(id) {
      const stored = await persist(scope, 'HGET', () => redis.hget(entries, id));
      return stored === null ? null : entryOf(id, stored);
    },
    async list(kind) {
      const all = await persist(scope, 'HGETALL', () => redis.hgetall(entries));
      return Object.entries(all)
        .filter(([id]) => kind === '' || id.startsWith(`${kind}/`))
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([id, stored]) => entryOf(id, stored));
    },
    async commit(change) {
      const keys = [entries, due, log(change.id)];
      return (await callScript(scope, commitScript, keys, change)).type === 'committed';
    },
    async takeDue(limit) {
      const keys = [entries, due];
      const [now, ...flat] = await callScript(scope, takeScript, keys, {
        clock: clockArg(scope),
        limit,
      });
      const ids = flat.filter((_text, index) => index % 2 === 0);
      return { now, entries: ids.map((id, index) => entryOf(id, flat[2 * index + 1] ?? '')) };
    },
    async log(id, limit): Promise<readonly Json[]> {
      const lines = await persist(scope, 'LRANGE', () => redis.lrange(log(id), 0, limit - 1));
      return lines.map((line) => storedLine.parse(JSON.parse(line)));
    },
    now: () => storeNow(scope),
  };
}
