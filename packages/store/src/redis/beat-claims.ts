import { partitionOf } from '@joinery/core';
import { z } from 'zod';
import { type BeatItem } from '../run-store.ts';
import { defineScript } from '../script.ts';
import { callScript, headArgs, type RedisScope, type ScriptKeys } from './redis-scope.ts';

/** Items per script: about 2 ms of Redis. */
const PAGE = 200;

const script = defineScript({
  name: 'beat-claims',
  keys: (keys: ScriptKeys) => keys,
  args: (args: {
    readonly head: readonly (string | number)[];
    readonly items: readonly BeatItem[];
  }) => [
    ...args.head,
    ...args.items.flatMap((item) => [
      item.runId,
      item.key,
      item.attempt,
      item.token,
      item.leaseMs,
      Number(item.isProgress),
    ]),
  ],
  reply: z.array(z.number().transform((value) => value === 1)),
});

/** Renew claims, a script per partition and page. False = lost. */
export async function beatClaims(
  scope: RedisScope,
  items: readonly BeatItem[],
): Promise<readonly boolean[]> {
  const byPartition = new Map<number, number[]>();
  items.forEach(({ runId }, index) => {
    const indexes = byPartition.get(partitionOf(runId)) ?? [];
    byPartition.set(partitionOf(runId), [...indexes, index]);
  });
  const isHeld = items.map(() => false);
  const pages = [...byPartition].flatMap(([partition, indexes]) => pagesOf(partition, indexes));
  await Promise.all(
    pages.map(async ({ partition, indexes }) => {
      const page = indexes.flatMap((index) => items[index] ?? []);
      const replies = await beatPage(scope, partition, page);
      indexes.forEach((index, place) => (isHeld[index] = replies[place] ?? false));
    }),
  );
  return isHeld;
}

function pagesOf(
  partition: number,
  indexes: readonly number[],
): { readonly partition: number; readonly indexes: readonly number[] }[] {
  const pages = [];
  for (let i = 0; i < indexes.length; i += PAGE) {
    pages.push({ partition, indexes: indexes.slice(i, i + PAGE) });
  }
  return pages;
}

function beatPage(
  scope: RedisScope,
  partition: number,
  items: readonly BeatItem[],
): Promise<readonly boolean[]> {
  const runKeys = items.flatMap(({ runId }) => Object.values(scope.keys.run(runId)));
  const keys = [...scope.keys.partitionScriptKeys(partition), ...runKeys];
  return callScript(scope, script, keys, { head: headArgs(scope, '', ''), items });
}
