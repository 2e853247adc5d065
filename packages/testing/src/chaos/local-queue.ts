import {
  createInMemoryJobQueue,
  type InMemoryJobQueue,
  type JobQueue,
  type TaskJob,
} from '@joinery/queues';
import { type JobFlow, type OpenJobFlow } from '@joinery/worker';

/** A job queue of this process, and the flow of its jobs into workers: for tests that are about something else. */
export interface LocalQueue {
  readonly queue: JobQueue;
  readonly openJobs: OpenJobFlow;
}

/** Creates an empty queue. A job is handed over in the turn in which it comes. */
export function createLocalQueue(): LocalQueue {
  const memory = createInMemoryJobQueue();
  const flows = new Set<Flow>();
  const pump = (): void => {
    for (const flow of flows) flow.pump();
  };
  const queue: JobQueue = {
    ...bound(memory),
    enqueue: async (jobs) => {
      const results = await memory.enqueue(jobs);
      pump();
      return results;
    },
  };
  return {
    queue,
    openJobs: (options) => {
      const flow = new Flow(memory, options, () => flows.delete(flow));
      flows.add(flow);
      flow.pump();
      return flow;
    },
  };
}

function bound(memory: InMemoryJobQueue): JobQueue {
  return {
    enqueue: (jobs) => memory.enqueue(jobs),
    exists: (jobs) => memory.exists(jobs),
    remove: (jobs) => memory.remove(jobs),
    waiting: (taskType) => memory.waiting(taskType),
    scan: (taskType, cursor, limit) => memory.scan(taskType, cursor, limit),
    taskTypes: () => memory.taskTypes(),
    close: () => memory.close(),
  };
}

type FlowOptions = Parameters<OpenJobFlow>[0];

class Flow implements JobFlow {
  readonly #memory: InMemoryJobQueue;
  readonly #options: FlowOptions;
  readonly #active = new Set<Promise<void>>();
  readonly #forget: () => void;

  constructor(memory: InMemoryJobQueue, options: FlowOptions, forget: () => void) {
    this.#memory = memory;
    this.#options = options;
    this.#forget = forget;
  }

  pump(): void {
    while (this.#active.size < this.#options.concurrency) {
      const job = this.#memory.take(this.#options.taskType);
      if (job === null) return;
      const handling = this.#handle(job).finally(() => {
        this.#active.delete(handling);
        this.pump();
      });
      this.#active.add(handling);
    }
  }

  async close(): Promise<void> {
    this.#forget();
    await Promise.allSettled(this.#active);
  }

  async #handle(job: TaskJob): Promise<void> {
    const verdict = await this.#options.handle(job);
    if (verdict === 'done') this.#memory.finish(job);
    else this.#memory.putBack(job, verdict.putBackAfterMs);
  }
}
