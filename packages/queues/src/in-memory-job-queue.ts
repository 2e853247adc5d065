/*
 * The in-memory twin of the queue, for simulation and user tests: same order, same ids, and faults on demand.
 * Invariant: passes the same conformance suite as the queue on BullMQ.
 */
import { type Clock, systemClock } from '@joinery/kit';
import { jobIdOf } from './job-id.ts';
import { type EnqueueResult, type JobCounts, type JobQueue, type ScanPage } from './job-queue.ts';
import { nextScanCursor, parseScanCursor } from './scan-jobs.ts';
import { queueNameOf } from './queue-name.ts';
import { type TaskJob } from './task-job.ts';

/** What may go wrong on the way; each is asked at each occasion. Default: nothing. */
export interface JobFaults {
  /** How often an enqueued job is delivered: 0 loses it (and says `added`), 2 delivers it twice. */
  deliveries?(job: TaskJob): number;
  /** Which of `count` waiting jobs is taken next, 0 being the right one. */
  pick?(count: number): number;
}

/** A JobQueue whose jobs are taken by hand. */
export interface InMemoryJobQueue extends JobQueue {
  /** Whether a job of any type could be taken now. */
  hasDue(): boolean;
  /** Takes the next job, which is active from now on; null when none is due. */
  take(taskType: string): TaskJob | null;
  /** The active job is done and gone. */
  finish(job: TaskJob): void;
  /** The active job waits again, in front, or not before `afterMs` from now. */
  putBack(job: TaskJob, afterMs: number): void;
  /** Redis forgot everything. */
  forget(): void;
}

interface Entry {
  readonly job: TaskJob;
  readonly id: string;
  /** Grows with arrival; a job put back goes before all others. */
  order: number;
  state: 'queued' | 'active';
  dueAt: number;
  /** Deliveries that are still to come after this one. */
  extra: number;
}

/** Creates the in-memory queue. `faults` may be changed while it runs. */
export function createInMemoryJobQueue(
  options: { readonly faults?: JobFaults; readonly clock?: Clock } = {},
): InMemoryJobQueue {
  return new MemoryQueue(options.faults ?? {}, options.clock ?? systemClock);
}

class MemoryQueue implements InMemoryJobQueue {
  readonly #faults: JobFaults;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Map<string, Entry>>();
  #order = 0;

  constructor(faults: JobFaults, clock: Clock) {
    this.#faults = faults;
    this.#clock = clock;
  }

  async enqueue(jobs: readonly TaskJob[]): Promise<readonly EnqueueResult[]> {
    return jobs.map((job) => this.#add(job));
  }

  #add(job: TaskJob): EnqueueResult {
    const id = jobIdOf(job);
    queueNameOf(job.taskType);
    const queue = this.#entries.get(job.taskType) ?? new Map<string, Entry>();
    this.#entries.set(job.taskType, queue);
    if (queue.has(id)) return 'duplicate';
    const deliveries = this.#faults.deliveries?.(job) ?? 1;
    this.#order += 1;
    const entry: Entry = {
      job,
      id,
      order: this.#order,
      state: 'queued',
      dueAt: 0,
      extra: deliveries - 1,
    };
    if (deliveries > 0) queue.set(id, entry);
    return 'added';
  }

  async exists(jobs: readonly TaskJob[]): Promise<readonly boolean[]> {
    return jobs.map((job) => this.#find(job) !== undefined);
  }

  async remove(jobs: readonly TaskJob[]): Promise<readonly boolean[]> {
    return jobs.map((job) => {
      if (this.#find(job)?.state !== 'queued') return false;
      return this.#entries.get(job.taskType)?.delete(jobIdOf(job)) ?? false;
    });
  }

  async waiting(taskType: string): Promise<JobCounts> {
    const count = (state: string): number => this.#in(taskType, state).length;
    return {
      waiting: count('waiting'),
      active: count('active'),
      prioritized: count('prioritized'),
      delayed: count('delayed'),
      isPaused: false,
    };
  }

  async scan(taskType: string, cursor: string | null, limit: number): Promise<ScanPage> {
    const { state, offset } = parseScanCursor(cursor);
    const found = this.#in(taskType, state).slice(offset, offset + limit);
    const jobs = found.map(({ id, job }) => ({ id, state, job }));
    const next = nextScanCursor({ state, offset: offset + found.length }, found.length < limit);
    return { jobs, cursor: next };
  }

  async taskTypes(): Promise<readonly string[]> {
    return [...this.#entries.keys()].toSorted();
  }

  async close(): Promise<void> {
    // Nothing is held.
  }

  hasDue(): boolean {
    const now = this.#clock.now();
    for (const queue of this.#entries.values()) {
      for (const { state, dueAt } of queue.values()) {
        if (state === 'queued' && dueAt <= now) return true;
      }
    }
    return false;
  }

  take(taskType: string): TaskJob | null {
    const ready = ['waiting', 'prioritized'].flatMap((state) => this.#in(taskType, state));
    const index = this.#faults.pick?.(ready.length) ?? 0;
    const entry = ready[index];
    if (!entry) return null;
    entry.state = 'active';
    return entry.job;
  }

  finish(job: TaskJob): void {
    const entry = this.#find(job);
    if (entry && entry.extra > 0) {
      entry.extra -= 1;
      entry.state = 'queued';
    } else {
      this.#entries.get(job.taskType)?.delete(jobIdOf(job));
    }
  }

  putBack(job: TaskJob, afterMs: number): void {
    const entry = this.#find(job);
    if (!entry) return;
    entry.state = 'queued';
    entry.dueAt = afterMs > 0 ? this.#clock.now() + afterMs : 0;
    this.#order += 1;
    entry.order = afterMs > 0 ? this.#order : -this.#order;
  }

  forget(): void {
    this.#entries.clear();
  }

  #find(job: TaskJob): Entry | undefined {
    return this.#entries.get(job.taskType)?.get(jobIdOf(job));
  }

  #in(taskType: string, state: string): readonly Entry[] {
    const now = this.#clock.now();
    return [...(this.#entries.get(taskType)?.values() ?? [])]
      .filter((entry) => stateOf(entry, now) === state)
      .toSorted((a, b) => a.job.priority - b.job.priority || a.order - b.order);
  }
}

function stateOf(entry: Entry, now: number): string {
  if (entry.state === 'active') return 'active';
  if (entry.dueAt > now) return 'delayed';
  return entry.job.priority > 0 ? 'prioritized' : 'waiting';
}
