import { isOperatorType, type RecordedEvent } from '@joinery/core';
import { type Service } from '@joinery/kit';
import { echoTask, type Worker } from '@joinery/worker';
import { createRoleWorker } from './roles.ts';
import { type Session } from './session.ts';

/** Echoes task types that become known only while a run is under way, as the branches of a dynamic fork do. */
export interface LateEcho extends Service {
  /** Starts a worker for each type that these events schedule and nobody here serves yet. */
  serve(events: readonly RecordedEvent[]): Promise<void>;
}

/** Creates it; `served` are the types that have a worker already. */
export function createLateEcho(session: Session, served: readonly string[]): LateEcho {
  const known = new Set(served);
  const workers: Worker[] = [];
  return {
    name: 'late-echo',
    start: () => Promise.resolve(),
    async serve(events) {
      const types = events.flatMap(({ event }) =>
        event.type === 'task.scheduled' && !isOperatorType(event.taskType) ? [event.taskType] : [],
      );
      const added = [...new Set(types)].filter((type) => !known.has(type));
      if (added.length === 0) return;
      for (const type of added) known.add(type);
      const worker = createRoleWorker(session, added.map(echoTask));
      workers.push(worker);
      await worker.start();
    },
    async drain() {
      await Promise.all(workers.map((worker) => worker.drain()));
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}
