import {
  beatClaims,
  claimTask,
  completeTask,
  type Engine,
  handBackTask,
  leaveGate,
  revealInput,
} from '@joinery/engine';
import { type RedisClient, startTaskWorker } from '@joinery/queues';
import type { Fleet } from '@joinery/store';
import type { WorkerPorts, WorkerVerbs } from './worker-ports.ts';

/** What the ports of a worker are made of when the process has an engine. */
export interface EngineWorkerParts {
  readonly engine: Engine;
  /** Opens a connection to BullMQ's Redis, two for each task type; the worker ends them. */
  readonly connect: () => RedisClient;
  /** Absent when the process shows itself to the fleet in another way. */
  readonly fleet?: Fleet;
  /** BullMQ's key prefix; the same as the engine's queue has. */
  readonly queuePrefix?: string;
  /** Lease of a BullMQ job, and how often expired ones are looked for, in ms. */
  readonly lockDurationMs?: number;
  readonly stalledIntervalMs?: number;
}

/** The ports of a worker over the process's engine, which stays its owner's. */
export function portsOfEngine(parts: EngineWorkerParts): WorkerPorts {
  const { engine, connect, fleet, queuePrefix, lockDurationMs, stalledIntervalMs } = parts;
  return {
    verbs: verbsOfEngine(() => engine),
    openJobs: ({ taskType, concurrency, handle }) =>
      startTaskWorker({
        taskType,
        concurrency,
        handle,
        connect,
        queue: engine.queue,
        log: engine.logger,
        ...(queuePrefix !== undefined && { prefix: queuePrefix }),
        ...(lockDurationMs !== undefined && { lockDurationMs }),
        ...(stalledIntervalMs !== undefined && { stalledIntervalMs }),
      }),
    ...(fleet && { fleet }),
  };
}

/** The engine is asked for at each call: it may be made after the worker. */
export function verbsOfEngine(engine: () => Engine): WorkerVerbs {
  return {
    claim: (request) => claimTask(engine(), request),
    complete: (result, holding) => completeTask(engine(), result, holding),
    reveal: (claimed) => revealInput(engine(), claimed),
    beat: (items) => beatClaims(engine(), items),
    leave: ({ run, row, token }) => leaveGate(engine(), run.id, row, token),
    handBack: (claim) => handBackTask(engine(), claim),
  };
}
