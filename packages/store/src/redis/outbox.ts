import { partitionOf, type RunId } from '@joinery/core';
import { type OutboxLetter } from '../run-findings.ts';
import { outboxLetter } from './letter-codec.ts';
import { persist } from './persist.ts';
import { type RedisScope, storeNow } from './redis-scope.ts';
import { storedRunId } from './stored-names.ts';

/** Letters of a partition that nobody has marked sent for `olderThanMs`; oldest first. */
export async function unsentLetters(
  scope: RedisScope,
  partition: number,
  { olderThanMs, limit }: { readonly olderThanMs: number; readonly limit: number },
): Promise<readonly OutboxLetter[]> {
  const { unsent } = scope.keys.partition(partition);
  const before = (await storeNow(scope)) - olderThanMs;
  const members = await persist(scope, 'ZRANGEBYSCORE', () =>
    scope.redis.zrangebyscore(unsent, '-inf', before, 'LIMIT', 0, limit),
  );
  const letters = await Promise.all(members.map((member) => letterOf(scope, unsent, member)));
  return letters.filter((letter) => letter !== null);
}

async function letterOf(
  scope: RedisScope,
  unsent: string,
  member: string,
): Promise<OutboxLetter | null> {
  const space = member.indexOf(' ');
  const runId = storedRunId.parse(member.slice(0, space));
  const { run, outbox } = scope.keys.run(runId);
  const [text, definition] = await Promise.all([
    persist(scope, 'HGET', () => scope.redis.hget(outbox, member.slice(space + 1))),
    persist(scope, 'HGET', () => scope.redis.hget(run, 'definition')),
  ]);
  if (text !== null) return outboxLetter({ runId, definition: definition ?? '' }, text);
  // Letters leave both places in one script: what is left here only is of a run that has been purged or mended by hand.
  await persist(scope, 'ZREM', () => scope.redis.zrem(unsent, member));
  return null;
}

/** Relays leave these letters alone from now on. */
export async function markSent(
  scope: RedisScope,
  letters: readonly { readonly runId: RunId; readonly letterId: string }[],
): Promise<void> {
  const byPartition = new Map<number, string[]>();
  for (const { runId, letterId } of letters) {
    const partition = partitionOf(runId);
    byPartition.set(partition, [...(byPartition.get(partition) ?? []), `${runId} ${letterId}`]);
  }
  await Promise.all(
    [...byPartition].map(([partition, members]) =>
      persist(scope, 'ZREM', () =>
        scope.redis.zrem(scope.keys.partition(partition).unsent, ...members),
      ),
    ),
  );
}

/** Whether a letter stands in a run's outbox. */
export async function hasLetter(
  scope: RedisScope,
  runId: RunId,
  letterId: string,
): Promise<boolean> {
  const { outbox } = scope.keys.run(runId);
  return (await persist(scope, 'HEXISTS', () => scope.redis.hexists(outbox, letterId))) === 1;
}
