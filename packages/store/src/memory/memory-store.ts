/*
 * The store in memory: the executable specification of the Lua scripts. One file per script; one call of its function
 * is one script: it runs to its end before anything else happens.
 * Ownership: one store owns its state; callers and store never share memory.
 * Interface: `RunStore`, and a snapshot of a run for tests.
 * Invariants: a step either refuses before its first write or finishes; it has one moment, taken once from the clock.
 */
import { randomUUID } from 'node:crypto';
import type { RunId } from '@joinery/core';
import type { CompleteArgs, RunStore } from '../run-store.ts';
import { acknowledgeLetters } from './ack-letter.ts';
import { beatClaim } from './beat-claims.ts';
import { claimTask } from './claim-task.ts';
import { commitDecision } from './commit-decision.ts';
import { completeTask } from './complete-task.ts';
import { failRun } from './fail-run.ts';
import { frozenJson } from './frozen-json.ts';
import {
  findAttention,
  findLockHolder,
  findPayload,
  findState,
  listHistory,
  listRows,
  listRuns,
  makeAllDue,
} from './inspect-run.ts';
import { loadSlice } from './load-slice.ts';
import { lookAtRun } from './look-runs.ts';
import { emptyState, findRun, partitionAt, type MemoryBounds, type Step } from './memory-state.ts';
import { markMoved, movedRuns, settleMoved } from './moved-runs.ts';
import { purgeRun, removeRun } from './purge-run.ts';
import { readSlice, readWhole } from './read-slice.ts';
import { recordEvent } from './record-event.ts';
import { redeliverTask } from './redeliver-task.ts';
import { snapshotRun, type RunSnapshot } from './run-snapshot.ts';
import { viewRun } from './run-view.ts';
import { startRun } from './start-run.ts';
import { takeDue } from './take-due.ts';
import { markSent, unsentLetters } from './unsent-letters.ts';

/** How a store in memory is made. */
export interface MemoryStoreOptions extends Partial<MemoryBounds> {
  /** From 1 to 256. */
  readonly partitions: number;
  /** The one clock of the store, ms since epoch. */
  readonly now: () => number;
}

/** A run store in memory, with a view for tests. */
export interface MemoryStore extends RunStore {
  /** Everything that is kept of a run, as plain JSON; null when there is none. */
  snapshot(runId: RunId): RunSnapshot | null;
  /** The same without a copy: for checks after every step. To be read before the next one, and never to be changed. */
  peek(runId: RunId): RunSnapshot | null;
}

const HOUR_MS = 3_600_000;

/** The same bounds as in Redis. */
const DEFAULT_BOUNDS: MemoryBounds = {
  maxSweepAgeMs: 30_000,
  fullDecideIntervalMs: 60_000,
  calmDecideIntervalMs: 6 * 3_600_000,
  retention: { completedMs: 24 * HOUR_MS, otherMs: 7 * 24 * HOUR_MS },
};

type Steps = Pick<
  RunStore,
  'start' | 'load' | 'commit' | 'claim' | 'complete' | 'beat' | 'redeliver' | 'fail' | 'record'
>;

/** A run store in memory: for tests, simulations and workflows without Redis. Nothing survives the process. */
export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  const { partitions, now, ...bounds } = options;
  const state = emptyState(partitions);
  const begin = (): Step => ({ state, bounds: { ...DEFAULT_BOUNDS, ...bounds }, now: now() });
  return {
    partitions,
    ...transitionsOf(begin),
    ...sweepsOf(begin),
    ...viewsOf(begin),
    close: async () => undefined,
    snapshot: (runId) => frozenJson(snapshotRun(begin(), runId)),
    peek: (runId) => viewRun(begin(), runId),
  };
}

/** Steps that change one run. Their arguments are copied, so that a later change by the caller changes nothing here. */
function transitionsOf(begin: () => Step): Steps {
  return {
    start: async (args) => startRun(begin(), frozenJson(args)),
    load: async (args) => loadSlice(begin(), args),
    commit: async (args) => commitDecision(begin(), frozenJson(args)),
    claim: async (args) => claimTask(begin(), args),
    complete: async (args) => completeTask(begin(), frozenJson(withinReason(args))),
    beat: async (items) => items.map((item) => beatClaim(begin(), item)),
    redeliver: async (args) =>
      redeliverTask(begin(), { ...frozenJson(args), freshToken: randomUUID() }),
    fail: async (args) => failRun(begin(), args),
    record: async (runId, event, actor) =>
      recordEvent(begin(), { runId, event: frozenJson(event), actor }),
  };
}

/** Reasons are for people; a whole stack trace belongs into the worker's log. */
const REASON_LIMIT = 500;

function withinReason(args: CompleteArgs): CompleteArgs {
  return { ...args, reason: args.reason.slice(0, REASON_LIMIT) };
}

type Sweeps = Pick<
  RunStore,
  | 'unsent'
  | 'markSent'
  | 'acknowledge'
  | 'take'
  | 'look'
  | 'purge'
  | 'remove'
  | 'makeAllDue'
  | 'moved'
  | 'settleMoved'
  | 'markMoved'
  | 'scan'
>;

function sweepsOf(begin: () => Step): Sweeps {
  return {
    unsent: async (partition, olderThanMs, limit) =>
      unsentLetters(begin(), { partition, olderThanMs, limit }),
    markSent: async (letters) => markSent(begin(), letters),
    acknowledge: async (runId, letterIds) => acknowledgeLetters(begin(), { runId, letterIds }),
    take: async (partition, limit) => takeDue(begin(), { partition, limit }),
    look: async (partition, runIds) =>
      runIds.flatMap((runId) => lookAtRun(begin(), { partition, runId }) ?? []),
    purge: async (partition, limit) => purgeRun(begin(), { partition, limit }),
    remove: async (runId) => removeRun(begin(), runId),
    makeAllDue: async () => makeAllDue(begin()),
    moved: async (partition, limit) => movedRuns(begin(), { partition, limit }),
    settleMoved: async (partition, moved) => settleMoved(begin(), { partition, moved }),
    scan: async (partition) => ({
      runIds: [...partitionAt(begin(), partition).runs.keys()],
      cursor: null,
    }),
    markMoved: async (partition, runIds) => markMoved(begin(), { partition, runIds }),
  };
}

type Views = Pick<
  RunStore,
  | 'read'
  | 'readWhole'
  | 'find'
  | 'payload'
  | 'rows'
  | 'history'
  | 'list'
  | 'attention'
  | 'lockHolder'
  | 'hasLetter'
>;

function viewsOf(begin: () => Step): Views {
  return {
    read: async (runId, needs) => readSlice(begin(), { runId, needs }),
    readWhole: async (runId) => readWhole(begin(), runId),
    find: async (runId) => findState(begin(), runId),
    payload: async (runId, field) => findPayload(begin(), runId, field),
    rows: async (runId) => listRows(begin(), runId),
    history: async (runId, fromVersion, limit) =>
      listHistory(begin(), runId, { fromVersion, limit }),
    list: async (limit) => listRuns(begin(), limit),
    attention: async (runId) => findAttention(begin(), runId),
    hasLetter: async (runId, letterId) => findRun(begin(), runId)?.outbox.has(letterId) ?? false,
    lockHolder: async (runId) => findLockHolder(begin(), runId),
  };
}
