import type { DataField, Json, RecordedEvent, RunId, RunState, TaskRow } from '@joinery/core';
import type { AttentionEntry, RunSummary } from '../run-findings.ts';
import { findRun, partitionOfRun, type Step } from './memory-state.ts';
import { stateOf } from './run-state-of.ts';

/** The record, or null. */
export function findState(step: Step, runId: RunId): RunState | null {
  const run = findRun(step, runId);
  return run === undefined ? null : stateOf(run);
}

/** One payload, or null. */
export function findPayload(step: Step, runId: RunId, field: DataField): Json | null {
  return findRun(step, runId)?.data.get(field) ?? null;
}

/** All rows by order of creation, earlier attempts included. */
export function listRows(step: Step, runId: RunId): readonly TaskRow[] {
  const run = findRun(step, runId);
  return run === undefined
    ? []
    : [...run.tasks.values()].toSorted((a, b) => a.seq - b.seq || a.attempt - b.attempt);
}

/** A part of the history. */
export function listHistory(
  step: Step,
  runId: RunId,
  { fromVersion, limit }: { readonly fromVersion: number; readonly limit: number },
): readonly RecordedEvent[] {
  const from = Math.max(fromVersion, 1) - 1;
  return findRun(step, runId)?.history.slice(from, from + limit) ?? [];
}

/** Newest runs first. */
export function listRuns(step: Step, limit: number): readonly RunSummary[] {
  const summaries = step.state.flatMap(({ runs }) =>
    [...runs.values()].map(({ record }) => ({
      runId: record.id,
      definition: record.definition,
      version: record.definitionVersion,
      status: record.status,
      createdAt: record.createdAt,
      endedAt: record.endedAt,
      reason: record.reason,
    })),
  );
  return summaries
    .toSorted((a, b) => b.createdAt - a.createdAt || (a.runId < b.runId ? 1 : -1))
    .slice(0, limit);
}

/** When the run will be looked at next; null = not in attention. */
export function findAttention(step: Step, runId: RunId): AttentionEntry | null {
  const dueAt = partitionOfRun(step, runId).attention.get(runId);
  return dueAt === undefined ? null : { runId, dueAt };
}

/** Who holds the fused lock, and for how long still. */
export function findLockHolder(
  step: Step,
  runId: RunId,
): { readonly token: string; readonly leftMs: number } | null {
  const lock = findRun(step, runId)?.lock ?? null;
  if (lock === null || lock.endsAt <= step.now) return null;
  return { token: lock.token, leftMs: lock.endsAt - step.now };
}

/** Every run in attention becomes due. Only brings moments forward. */
export function makeAllDue({ state, now }: Step): void {
  for (const { attention } of state) {
    for (const [runId, dueAt] of attention) attention.set(runId, Math.min(dueAt, now));
  }
}
