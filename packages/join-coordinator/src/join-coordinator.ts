/*
 * Ownership: one coordinator owns the runs that it has popped until they are decided, or given back at the drain.
 * Interface: a Service. Any number of them, in any processes.
 * Invariants:
 *  C1 a run is decided once at a time here; a nudge that comes meanwhile causes another decision after it.
 *  C2 at most `concurrency` decisions at a time; nobody waits for a lock longer than its timeToTry.
 *  C3 a run that is busy is asked for again after the time that decideRun names, or at the next nudge for it.
 *  C4 nothing depends on what is forgotten here: a run that needs a decision is in attention.
 */
import { type RunId } from '@joinery/core';
import { decideRun, type Engine, nudge } from '@joinery/engine';
import {
  type CancelTimer,
  createLoop,
  type Loop,
  type Service,
  systemTimers,
  type Timers,
} from '@joinery/kit';

/** How a coordinator works. */
export interface JoinCoordinatorOptions {
  /** Decisions at a time. Default 16: a decision mostly waits for Redis, rarely for the processor. */
  readonly concurrency?: number;
  /** How long one pop waits for nudges, ms. Default 1,000: bounds how long a dead connection goes unnoticed. */
  readonly popWaitMs?: number;
  readonly timers?: Timers;
}

/** Creates the service that decides the runs for which nudges come in. */
export function createJoinCoordinator(
  engine: Engine,
  options: JoinCoordinatorOptions = {},
): Service {
  return new JoinCoordinator(engine, options);
}

class JoinCoordinator implements Service {
  readonly name = 'join-coordinator';
  readonly #engine: Engine;
  readonly #concurrency: number;
  readonly #popWaitMs: number;
  readonly #timers: Timers;
  readonly #loop: Loop;
  /** Runs to be decided here as soon as there is room; a set, because one look answers any number of nudges. */
  readonly #pending = new Set<RunId>();
  readonly #inflight = new Map<RunId, Promise<void>>();
  readonly #delayed = new Map<RunId, CancelTimer>();
  #isDraining = false;
  #roomMade: () => void = ignore;

  constructor(engine: Engine, options: JoinCoordinatorOptions) {
    this.#engine = engine;
    this.#concurrency = options.concurrency ?? 16;
    this.#popWaitMs = options.popWaitMs ?? 1_000;
    this.#timers = options.timers ?? systemTimers;
    this.#loop = createLoop({
      name: this.name,
      intervalMs: () => 0,
      pass: (signal) => this.#popUntil(signal),
      logger: engine.logger,
      timers: this.#timers,
    });
  }

  async start(): Promise<void> {
    this.#loop.start();
  }

  async drain(): Promise<void> {
    this.#isDraining = true;
    const stopped = this.#loop.stop(this.#popWaitMs + 1_000);
    this.#roomMade();
    await Promise.all([stopped, ...this.#inflight.values()]);
    const left = [...this.#pending, ...this.#delayed.keys()];
    this.#pending.clear();
    await nudge(this.#engine, left);
  }

  async stop(): Promise<void> {
    this.#isDraining = true;
    for (const cancel of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#roomMade();
    await this.#loop.stop(1_000);
  }

  async #popUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const room = this.#concurrency - this.#inflight.size - this.#pending.size;
      if (room <= 0) {
        await new Promise<void>((resolve) => {
          this.#roomMade = resolve;
        });
        continue;
      }
      const runIds = await this.#engine.nudges.pop(this.#popWaitMs, room, signal);
      for (const runId of runIds) this.#accept(runId);
    }
  }

  #accept(runId: RunId): void {
    // It may be about what came after the lock's release: waiting for our next try would only cost time.
    this.#delayed.get(runId)?.();
    this.#delayed.delete(runId);
    this.#pending.add(runId);
    this.#fill();
  }

  #fill(): void {
    for (const runId of this.#pending) {
      if (this.#isDraining || this.#inflight.size >= this.#concurrency) return;
      if (this.#inflight.has(runId)) continue;
      this.#pending.delete(runId);
      this.#inflight.set(runId, this.#decide(runId));
    }
  }

  async #decide(runId: RunId): Promise<void> {
    try {
      const outcome = await decideRun(this.#engine, runId);
      if (outcome.type === 'busy') this.#delay(runId, outcome.retryAfterMs);
      if (outcome.type === 'decided' && outcome.hasMore) this.#pending.add(runId);
    } catch (err) {
      this.#engine.logger.warn(
        { event: 'decision.failed', runId, err },
        'a decision could not be made now; the sweeper asks for it again',
      );
    }
    this.#inflight.delete(runId);
    this.#fill();
    this.#roomMade();
  }

  #delay(runId: RunId, delayMs: number): void {
    if (this.#isDraining) {
      this.#pending.add(runId);
      return;
    }
    const again = (): void => {
      this.#delayed.delete(runId);
      this.#accept(runId);
    };
    this.#delayed.set(runId, this.#timers.after(delayMs, again));
  }
}

function ignore(): void {
  // Nobody is waiting for room.
}
