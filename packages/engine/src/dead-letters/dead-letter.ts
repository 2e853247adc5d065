import { type Json, type RunId, type TaskKey, type TaskRow } from '@joinery/core';

/** Why an attempt is dead. */
export type DeadCause = 'exhausted' | 'timed-out' | 'poisoned';

/** A failed attempt for which its run has ended, with all that is needed to judge it. Moments in ms since epoch. */
export interface DeadLetter {
  /** `<run id>/<ref>.<attempt>` as Conductor names the attempt: its id everywhere. */
  readonly id: string;
  readonly runId: RunId;
  readonly key: TaskKey;
  readonly attempt: number;
  readonly definition: string;
  readonly definitionVersion: number;
  readonly traceId: string;
  readonly correlationId: string;
  /** Task type, its queue. */
  readonly taskType: string;
  readonly cause: DeadCause;
  readonly reason: string;
  readonly worker: string;
  readonly deliveries: number;
  readonly diedAt: number;
  /** What the attempt was given; null when it is larger than 32 KB and stays with the run alone. */
  readonly input: Json;
  readonly status: 'open' | 'replaying' | 'replayed' | 'discarded';
  /** Instead of `input`, at the next replay. */
  readonly newInput?: { readonly [name: string]: Json };
}

/** One line of a letter's audit, the newest first. */
export interface DeadLetterEvent {
  readonly type: 'died' | 'edited' | 'replay-asked' | 'replayed' | 'replay-refused' | 'discarded';
  readonly at: number;
  readonly actor: string;
  readonly reason: string;
}

/** What an agenda keeps of a letter. */
export function letterOf(body: Json): DeadLetter;
export function letterOf(body: unknown): unknown {
  return body;
}

/** A line of its log. */
export function deadEventOf(line: Json): DeadLetterEvent;
export function deadEventOf(line: unknown): unknown {
  return line;
}

/** The present attempt of each task; the store lists earlier ones beside it. */
export function presentRows(rows: readonly TaskRow[]): readonly TaskRow[] {
  const byKey = new Map<TaskKey, TaskRow>();
  for (const row of rows) {
    if (row.attempt >= (byKey.get(row.key)?.attempt ?? 0)) byKey.set(row.key, row);
  }
  return [...byKey.values()];
}
