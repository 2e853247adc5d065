import { type Json } from '@joinery/core';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type DefinitionStore, type PinnedDefinition } from '../definition-store.ts';
import { defineScript, type RedisClient, taggedReply } from '../script.ts';
import { ParsedTexts } from './parsed-texts.ts';
import { persist } from './persist.ts';
import {
  callScript,
  createRedisScope,
  type RedisScope,
  type RedisStoreOptions,
  type ScriptKeys,
} from './redis-scope.ts';
import { storedJson } from './stored-names.ts';

interface RemoveArgs {
  readonly name: string;
  readonly version: number;
  readonly stamp: string;
}

const removeScript = defineScript({
  name: 'remove-workflow',
  keys: (keys: ScriptKeys) => keys,
  args: ({ name, version, stamp }: RemoveArgs) => [name, version, stamp],
  reply: taggedReply({ removed: {}, absent: {} }),
});

const pinned = z.object({ planId: z.string(), definition: storedJson, taskDefs: storedJson });

/** Definitions in Redis; all of them in one slot. */
export function createRedisDefinitionStore(
  redis: RedisClient,
  options: RedisStoreOptions = {},
): DefinitionStore {
  const scope = createRedisScope(redis, options);
  const { keys } = scope;
  const texts = new ParsedTexts();
  const pinTexts = new WeakMap<PinnedDefinition, string>();
  const ask = <T>(what: string, work: () => Promise<T>): Promise<T> => persist(scope, what, work);
  return {
    putWorkflow: (name, version, definition) =>
      ask('put workflow', async () => {
        const text = JSON.stringify(definition);
        const both = redis
          .multi()
          .hset(keys.workflow(name), version, text)
          .sadd(keys.workflows, name)
          .set(keys.workflowsStamp, randomUUID());
        for (const [error] of (await both.exec()) ?? []) if (error !== null) throw error;
      }),
    getWorkflow: (name, version) => getWorkflow(scope, texts, { name, version }),
    removeWorkflow: async (name, version) => {
      const all = [keys.workflow(name), keys.workflows, keys.workflowsStamp];
      const args = { name, version, stamp: randomUUID() };
      return (await callScript(scope, removeScript, all, args)).type === 'removed';
    },
    workflowsStamp: async () => (await ask('GET', () => redis.get(keys.workflowsStamp))) ?? '',
    listWorkflows: () => listWorkflows(scope),
    putTask: async (name, definition) => {
      await ask('HSET', () => redis.hset(keys.taskDefs, name, JSON.stringify(definition)));
    },
    getTasks: (names) => getTasks(scope, texts, names),
    listTasks: async () => {
      const names = await ask('HKEYS', () => redis.hkeys(keys.taskDefs));
      return names.toSorted();
    },
    removeTask: async (name) => (await ask('HDEL', () => redis.hdel(keys.taskDefs, name))) === 1,
    pin: async (content) => {
      // The same content with each start of its definition.
      const text = pinTexts.get(content) ?? JSON.stringify(content);
      pinTexts.set(content, text);
      await ask('SET', () => redis.set(keys.pinned(content.planId), text, 'NX'));
    },
    getPinned: async (planId): Promise<PinnedDefinition | null> => {
      const text = await ask('GET', () => redis.get(keys.pinned(planId)));
      return text === null ? null : pinned.parse(JSON.parse(text));
    },
  };
}

async function getWorkflow(
  scope: RedisScope,
  texts: ParsedTexts,
  { name, version }: { readonly name: string; readonly version: number | undefined },
): Promise<Json | null> {
  const wanted = version ?? Math.max(...(await versionsOf(scope, name)));
  const key = scope.keys.workflow(name);
  const text = await persist(scope, 'HGET', () => scope.redis.hget(key, String(wanted)));
  return text === null ? null : texts.parse(text);
}

async function listWorkflows(
  scope: RedisScope,
): Promise<readonly { readonly name: string; readonly version: number }[]> {
  const names = await persist(scope, 'SMEMBERS', () => scope.redis.smembers(scope.keys.workflows));
  const lists = await Promise.all(
    names.toSorted().map(async (name) => {
      const versions = await versionsOf(scope, name);
      return versions.map((version) => ({ name, version }));
    }),
  );
  return lists.flat();
}

async function versionsOf(scope: RedisScope, name: string): Promise<readonly number[]> {
  const versions = await persist(scope, 'HKEYS', () =>
    scope.redis.hkeys(scope.keys.workflow(name)),
  );
  return versions.map(Number).toSorted((a, b) => a - b);
}

async function getTasks(
  scope: RedisScope,
  texts: ParsedTexts,
  names: readonly string[],
): Promise<ReadonlyMap<string, Json>> {
  if (names.length === 0) return new Map();
  const found = await persist(scope, 'HMGET', () =>
    scope.redis.hmget(scope.keys.taskDefs, ...names),
  );
  return new Map(
    names.flatMap((name, index): [string, Json][] => {
      const text = found[index];
      return text == null ? [] : [[name, texts.parse(text)]];
    }),
  );
}
