import { persist } from './persist.ts';
import { type RedisScope, storeNow } from './redis-scope.ts';

/** Runs per command: a page moves behind the moment that it is looked for by, so the first page is always the next. */
const PAGE = 1_000;

/** Every run in attention becomes due now. Only brings moments forward, and brings back none that has left. */
export async function makeAllDue(scope: RedisScope): Promise<void> {
  const now = await storeNow(scope);
  for (let partition = 0; partition < scope.keys.partitions; partition += 1) {
    const { attention } = scope.keys.partition(partition);
    await makePartitionDue(scope, attention, now);
  }
}

async function makePartitionDue(scope: RedisScope, attention: string, now: number): Promise<void> {
  for (;;) {
    const page = await persist(scope, 'ZRANGEBYSCORE', () =>
      scope.redis.zrangebyscore(attention, `(${now}`, '+inf', 'LIMIT', 0, PAGE),
    );
    if (page.length === 0) return;
    const entries = page.flatMap((runId) => [now, runId]);
    await persist(scope, 'ZADD', () => scope.redis.zadd(attention, 'XX', 'LT', ...entries));
  }
}
