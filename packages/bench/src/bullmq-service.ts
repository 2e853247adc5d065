import { FlowProducer, type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { type BenchJob, forkFlow } from './bullmq-jobs.ts';
import { announceEnd } from './completion-channel.ts';
import { type BenchService, type Site, type Subject } from './subject.ts';
import { WORKER_CONCURRENCY, workloadOf } from './workload.ts';

/** What a processor does besides answering its payload. */
type Continue = (type: string, data: BenchJob) => Promise<unknown>;

/** Plain BullMQ workers, one per task type, all settings at their defaults. */
export async function openBullmqService(
  site: Site,
  subject: Exclude<Subject, 'joinery'>,
): Promise<BenchService> {
  const { types, lastRef } = workloadOf(site.workload);
  const connection = new Redis(site.url, { maxRetriesPerRequest: null });
  const flows = new FlowProducer({ connection });
  const queues = new Map(types.map((type) => [type, new Queue<BenchJob>(type, { connection })]));
  const proceed = subject === 'bullmq-hand' ? chainByHand(types, queues) : byFlow(flows);
  const workers = types.map((type) => {
    const process = async ({ data }: Job<BenchJob>): Promise<{ payload: string }> => {
      await proceed(type, data);
      return { payload: data.payload };
    };
    return new Worker<BenchJob>(type, process, {
      connection,
      concurrency: WORKER_CONCURRENCY,
    });
  });
  for (const worker of workers) {
    if (worker.name !== lastRef) continue;
    worker.on('completed', ({ data }) => void announceEnd(connection, data.id));
  }
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  return {
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await flows.close();
      connection.disconnect();
    },
  };
}

/** The next step's job, under the workflow's id: as the last step of the flow has it. */
function chainByHand(
  types: readonly string[],
  queues: ReadonlyMap<string, Queue<BenchJob>>,
): Continue {
  return async (type, data) => {
    const next = types[types.indexOf(type) + 1];
    const queue = next === undefined ? undefined : queues.get(next);
    if (next !== undefined) await queue?.add(next, data, { jobId: data.id });
  };
}

function byFlow(flows: FlowProducer): Continue {
  return async (type, data) => (type === 'first' ? flows.add(forkFlow(data)) : undefined);
}
