import { type RunStore } from '../run-store.ts';
import { type RedisClient } from '../script.ts';
import { acknowledgeLetters } from './ack-letter.ts';
import { beatClaims } from './beat-claims.ts';
import { claimTask } from './claim-task.ts';
import { commitDecision } from './commit-decision.ts';
import { completeTask } from './complete-task.ts';
import { failRun } from './fail-run.ts';
import { loadSlice } from './load-slice.ts';
import { lookRuns } from './look-runs.ts';
import { makeAllDue } from './make-all-due.ts';
import { markMoved, movedRuns, scanRuns, settleMoved } from './moved-runs.ts';
import { hasLetter, markSent, unsentLetters } from './outbox.ts';
import { purgeExpired, removeRun } from './purge-run.ts';
import {
  findAttention,
  findLockHolder,
  findPayload,
  findRun,
  listRows,
  listRuns,
  readHistory,
} from './read-run.ts';
import { readSlice } from './read-slice.ts';
import { readWholeRun } from './read-whole.ts';
import { recordEvent } from './record-event.ts';
import { redeliverTask } from './redeliver-task.ts';
import { createRedisScope, type RedisStoreOptions } from './redis-scope.ts';
import { startRun } from './start-run.ts';
import { takeDue } from './take-due.ts';

/**
 * The store of runs in Redis (6.2 or later, one node or Cluster). The connection stays the caller's: `close` does not
 * end it. Calls go on trying while Redis is away and then throw JN_REDIS_UNAVAILABLE.
 */
export function createRedisStore(redis: RedisClient, options: RedisStoreOptions = {}): RunStore {
  const scope = createRedisScope(redis, options);
  return {
    partitions: scope.keys.partitions,
    start: (args) => startRun(scope, args),
    load: (args) => loadSlice(scope, args),
    read: (runId, needs) => readSlice(scope, runId, needs),
    readWhole: (runId) => readWholeRun(scope, runId),
    commit: (args) => commitDecision(scope, args),
    claim: (args) => claimTask(scope, args),
    complete: (args) => completeTask(scope, args),
    beat: (items) => beatClaims(scope, items),
    redeliver: (args) => redeliverTask(scope, args),
    unsent: (partition, olderThanMs, limit) =>
      unsentLetters(scope, partition, { olderThanMs, limit }),
    markSent: (letters) => markSent(scope, letters),
    acknowledge: (runId, letterIds) => acknowledgeLetters(scope, runId, letterIds),
    hasLetter: (runId, letterId) => hasLetter(scope, runId, letterId),
    take: (partition, limit) => takeDue(scope, partition, limit),
    look: (partition, runIds) => lookRuns(scope, partition, runIds),
    fail: (args) => failRun(scope, args),
    record: (runId, event, actor) => recordEvent(scope, { runId, event, actor }),
    find: (runId) => findRun(scope, runId),
    payload: (runId, field) => findPayload(scope, runId, field),
    rows: (runId) => listRows(scope, runId),
    history: (runId, fromVersion, limit) => readHistory(scope, runId, { fromVersion, limit }),
    list: (limit) => listRuns(scope, limit),
    attention: (runId) => findAttention(scope, runId),
    lockHolder: (runId) => findLockHolder(scope, runId),
    purge: (partition, limit) => purgeExpired(scope, partition, limit),
    remove: (runId) => removeRun(scope, runId),
    makeAllDue: () => makeAllDue(scope),
    moved: (partition, limit) => movedRuns(scope, partition, limit),
    settleMoved: (partition, moved) => settleMoved(scope, partition, moved),
    scan: (partition, cursor) => scanRuns(scope, partition, cursor),
    markMoved: (partition, runIds) => markMoved(scope, partition, runIds),
    close: () => Promise.resolve(),
  };
}
