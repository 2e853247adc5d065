import {
  type DataField,
  type Json,
  type RecordedEvent,
  type RunId,
  type RunState,
  type RunStatus,
  type TaskKey,
  taskKeyOf,
  type TaskRow,
} from '@joinery/core';
import { type RunStore } from '@joinery/store';
import { type LedgerEntry } from '../ledger.ts';
import { expectedValues, type Workload } from '../workloads/workload.ts';
import { type ClientCall } from './judge-clients.ts';
import { type Leftover } from './judge-leftovers.ts';
import { type LossNote } from './judge-loss.ts';
import { type Performance } from './judge-performance.ts';
import { type Outage } from './outage.ts';

/** All that is known of one run when it is judged. */
export interface RunEvidence {
  readonly runId: RunId;
  /** Null: the run is gone. */
  readonly run: RunState | null;
  readonly rows: readonly TaskRow[];
  readonly history: readonly RecordedEvent[];
  /** `value` of each step's output. */
  readonly values: ReadonlyMap<string, Json | null>;
}

/** What a run should have come to. */
export interface Expectation {
  readonly status: RunStatus;
  readonly joins: ReadonlyMap<string, readonly string[]>;
  readonly values: ReadonlyMap<string, number>;
  /** Attempts that a task may have had. */
  readonly maxAttempts: number;
  /** Each step with the steps whose values it takes. Absent: H9 and H21 are not judged. */
  readonly sources?: ReadonlyMap<string, readonly string[]>;
  /** How soon a step follows its last source. Absent: H21 is not judged. */
  readonly decides?: { readonly withinMs: number; readonly outages: readonly Outage[] };
}

/** A commit as the process saw it that made it. One killed right after it leaves none. */
export interface CommitNote {
  readonly runId: RunId;
  readonly version: number;
  readonly fence: number;
}

/**
 * What was seen outside of the store; null = nobody watched, and what depends on it cannot be judged. What is absent was
 * not asked for.
 */
export interface Witnesses {
  readonly ledger: readonly LedgerEntry[] | null;
  readonly commits: readonly CommitNote[] | null;
  readonly clients?: readonly ClientCall[] | null;
  readonly leftovers?: { readonly leftovers: readonly Leftover[]; readonly leaseMs: number } | null;
  readonly losses?: readonly LossNote[] | null;
  readonly performance?: Performance;
}

const HISTORY_PAGE = 1_000;

/** Reads a run through the store's port. */
export async function readEvidence(
  store: RunStore,
  runId: RunId,
  workload: Workload,
): Promise<RunEvidence> {
  const run = await store.find(runId);
  const rows = await store.rows(runId);
  const history: RecordedEvent[] = [];
  for (;;) {
    const page = await store.history(runId, history.length + 1, HISTORY_PAGE);
    history.push(...page);
    if (page.length < HISTORY_PAGE) break;
  }
  const refs = [...workload.steps.keys()];
  const found = await store.read(runId, { rows: [], data: refs.map(fieldOf), arrivals: [] });
  const values = refs.map((ref) => [ref, valueIn(found?.data.get(fieldOf(ref)))] as const);
  return { runId, run, rows, history, values: new Map(values) };
}

function fieldOf(ref: string): DataField {
  return `o:${taskKeyOf(ref)}`;
}

function valueIn(output: Json | null | undefined): Json | null {
  if (typeof output !== 'object' || output === null || !('value' in output)) return null;
  return output['value'] ?? null;
}

/** What a run of this workload must come to when nothing in it may fail. */
export function expectCompleted(workload: Workload, seed: number): Expectation {
  return {
    status: 'COMPLETED',
    joins: workload.joins,
    values: expectedValues(workload, seed),
    maxAttempts: workload.maxAttempts ?? 1,
    sources: workload.steps,
  };
}

/** The events of one task, in order. */
export function eventsByKey(
  history: readonly RecordedEvent[],
): ReadonlyMap<TaskKey, readonly TaskEvent[]> {
  const byKey = new Map<TaskKey, TaskEvent[]>();
  for (const { version, event } of history) {
    if (!('key' in event) || event.type === 'repair.found') continue;
    const list = byKey.get(event.key) ?? [];
    byKey.set(event.key, list);
    list.push({ version, event });
  }
  return byKey;
}

/** An event that is about a task. */
export interface TaskEvent {
  readonly version: number;
  readonly event: Exclude<
    Extract<RecordedEvent['event'], { readonly key: TaskKey }>,
    { readonly type: 'repair.found' }
  >;
}
