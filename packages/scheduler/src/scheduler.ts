/*
 * Ownership: a scheduler owns its consumer of the start queue; letters belong to their outboxes until they are marked.
 * Interface: a Service. Any number of them.
 * Invariants:
 *  R1 a letter that nobody has relayed for relayAfter is relayed here; twice is harmless, never is not possible.
 *  R2 a partition that fails does not keep the others from being relayed.
 *  R3 a start request is answered by a run, or refused with a code; a redelivered one starts no second run.
 */
import {
  parseStartWorkflowRequest,
  startRequestOf,
  type StartWorkflowRequest,
} from '@joinery/contract';
import { type Engine, relayUnsent, type StartedRun, startRun } from '@joinery/engine';
import { createLoop, type Loop, type Service, type Timers } from '@joinery/kit';
import { type QueuedStart } from '@joinery/queues';
import { createEventLoop } from './event-loop.ts';

/** What serves the start queue calls; `startStartWorker` of queues takes it as it is. */
export interface StartHandlers {
  readonly parse: (payload: unknown) => StartWorkflowRequest;
  readonly start: (queued: QueuedStart<StartWorkflowRequest>) => Promise<StartedRun>;
}

/** A consumer of the start queue that can be told to end. */
export interface StartConsumer {
  close(deadlineMs: number): Promise<unknown>;
}

/** How a scheduler works. */
export interface SchedulerOptions {
  /** From the end of a pass over the outboxes to the next, ms. Default 200. */
  readonly intervalMs?: number;
  /** Begins to serve the start queue. Default: this scheduler does not serve it. */
  readonly serveStarts?: (handlers: StartHandlers) => StartConsumer;
  /** How long requests in hand may take at the stop, ms. Default 5,000. */
  readonly drainMs?: number;
  readonly timers?: Timers;
}

/** Creates the service that accepts starts and relays what is left over in outboxes. */
export function createScheduler(engine: Engine, options: SchedulerOptions = {}): Service {
  const { intervalMs = 200, drainMs = 5_000, serveStarts, timers } = options;
  const loop: Loop = createLoop({
    name: 'scheduler',
    intervalMs: () => intervalMs,
    pass: (signal) => relayAll(engine, signal),
    logger: engine.logger,
    ...(timers ? { timers } : {}),
  });
  const events = createEventLoop(engine, timers);
  let consumer: StartConsumer | undefined;
  const closeConsumer = async (withinMs: number): Promise<void> => {
    const closing = consumer;
    consumer = undefined;
    await closing?.close(withinMs);
  };
  return {
    name: 'scheduler',
    async start() {
      loop.start();
      events.start();
      consumer = serveStarts?.(startHandlersOf(engine));
    },
    async drain() {
      await Promise.all([closeConsumer(drainMs), loop.stop(drainMs), events.stop(drainMs)]);
    },
    async stop() {
      await Promise.all([closeConsumer(0), loop.stop(1_000), events.stop(1_000)]);
    },
  };
}

/** Reads and starts what comes from the start queue. */
export function startHandlersOf(engine: Engine): StartHandlers {
  return {
    parse: parseStartWorkflowRequest,
    start: ({ request, defaultIdempotencyKey }) =>
      startRun(engine, startRequestOf(request, defaultIdempotencyKey)),
  };
}

async function relayAll(engine: Engine, signal: AbortSignal): Promise<void> {
  const failures: unknown[] = [];
  for (let partition = 0; partition < engine.store.partitions; partition += 1) {
    if (signal.aborted) return;
    try {
      const count = await relayUnsent(engine, partition);
      if (count > 0) {
        const fields = { event: 'letters.relayed', partition, count };
        engine.logger.warn(fields, 'letters that their writers had left over were relayed');
      }
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) {
    throw new AggregateError(failures, `${failures.length} partitions could not be relayed`);
  }
}
