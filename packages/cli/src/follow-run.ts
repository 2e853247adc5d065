import {
  isTerminalRun,
  joineryError,
  type RecordedEvent,
  type RunId,
  type RunState,
} from '@joinery/core';
import { type RunStore } from '@joinery/store';
import { setTimeout as delay } from 'node:timers/promises';

/** How a run is watched. */
export interface FollowOptions {
  /** Gets every event once, in order. */
  readonly onEvents: (events: readonly RecordedEvent[]) => Promise<void>;
  /** Ends the watching, not the run. */
  readonly signal: AbortSignal;
}

/** Where a run and its events are read. */
export interface FollowedStore<Run> extends Pick<RunStore, 'history'> {
  find(runId: RunId): Promise<Run | null>;
}

/** Between two looks: fast enough for eyes, and two small reads. */
const LOOK_EVERY_MS = 50;
const PAGE = 500;

/** Watches a run until it has ended; null when the signal came first. Throws when there is no such run. */
export async function followRun<Run extends Pick<RunState, 'version' | 'status'>>(
  store: FollowedStore<Run>,
  runId: RunId,
  { onEvents, signal }: FollowOptions,
): Promise<Run | null> {
  let seen = 0;
  const tell = async (): Promise<void> => {
    for (let isMore = true; isMore;) {
      const events = await store.history(runId, seen + 1, PAGE);
      if (events.length > 0) await onEvents(events);
      seen += events.length;
      isMore = events.length === PAGE;
    }
  };
  while (!signal.aborted) {
    const run = await store.find(runId);
    if (run === null) throw joineryError('JN_RUN_NOT_FOUND', { runId });
    if (run.version > seen) await tell();
    if (isTerminalRun(run.status)) return run;
    // An abort is an answer here, not an error.
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(ignore);
  }
  return null;
}

/** What an event is for who watches a run; null for what is of no interest at that moment. */
export function describeEvent({ event }: RecordedEvent): string | null {
  switch (event.type) {
    case 'run.started':
      return `started ${event.definition} version ${event.version}`;
    case 'run.paused':
    case 'run.resumed':
      return event.type.slice('run.'.length);
    case 'run.reopened':
      return `opened again by ${event.by}${because(event.reason)}`;
    case 'run.limited':
      return `has ${event.count} ${event.limited}, more than the limit of ${event.limit}`;
    case 'run.variables-set':
      return `variables set: ${event.names.join(', ')}`;
    case 'task.skip-asked':
      return `${event.key} is to be skipped${because(event.reason)}`;
    case 'task.updated':
      return `${event.key} was updated${because(event.reason)}`;
    case 'group.retried':
      return `${event.key} is tried again as a whole${because(event.reason)}`;
    case 'task.reopened':
      return `${event.key} is open again`;
    case 'run.closing':
      return `closing as ${event.status}${because(event.reason)}`;
    case 'run.compensating':
      return `taking back ${event.tasks} tasks${because(event.reason)}`;
    case 'compensation.failed':
      return `${event.task} failed${because(event.reason)}`;
    case 'run.ended':
      return `${event.status}${because(event.reason)}`;
    case 'task.started':
      return `${event.key} started${event.attempt > 1 ? ` (attempt ${event.attempt})` : ''}`;
    case 'task.completed':
    case 'task.decided':
      return `${event.key} ${event.status}${because(event.reason)}`;
    case 'task.redelivered':
      return `${event.key} is sent again${because(event.why)}`;
    case 'child.requested':
      return `${event.key} waits for run ${event.runId}`;
    case 'join.fired':
      return `${event.key} joined ${event.branches} branches: ${event.status}`;
    case 'fork.expanded':
      return `${event.key} forked ${event.to} of ${event.width} branches`;
    case 'repair.found':
      return `repaired ${event.kind} ${event.key}`;
    case 'task.taken-back':
    case 'task.scheduled':
    case 'task.dispatched':
    case 'timer.ignored':
      return null;
  }
}

function because(reason: string): string {
  return reason === '' ? '' : `: ${reason}`;
}

function ignore(): void {
  // The loop sees the signal.
}
