import type { Json } from '@joinery/core';

/** Something outside of runs that is to be looked at from time to time: a schedule, a backfill. */
export interface AgendaEntry {
  /** `<kind>/<name>` */
  readonly id: string;
  /** What a commit names as the state that it has read. */
  readonly revision: string;
  readonly body: Json;
  /** The next look, ms since epoch; null = nobody need look. */
  readonly dueAt: number | null;
}

/** A change of one entry: its state, its next look and its log, together or not at all. */
export interface AgendaCommit {
  readonly id: string;
  /** The revision that was read; null = there must be none. */
  readonly from: string | null;
  /** Names this change and no other; a repetition of it changes nothing. */
  readonly revision: string;
  /** Null removes the entry and its log. */
  readonly body: Json | null;
  readonly dueAt: number | null;
  /** Appended to the log, which keeps the newest 200. */
  readonly log?: readonly Json[];
}

/** Entries with a state and a moment of their own, for work that belongs to no run. */
export interface Agenda {
  find(id: string): Promise<AgendaEntry | null>;
  /** Entries of one kind, by name; '' = all. */
  list(kind: string): Promise<readonly AgendaEntry[]>;
  /** False: somebody else has changed the entry. */
  commit(change: AgendaCommit): Promise<boolean>;
  /** Entries that are due, and the store's now. Each comes again after 5 s, unless a commit says otherwise. */
  takeDue(
    limit: number,
  ): Promise<{ readonly now: number; readonly entries: readonly AgendaEntry[] }>;
  /** The newest first. */
  log(id: string, limit: number): Promise<readonly Json[]>;
  /** The store's now, ms. */
  now(): Promise<number>;
}
