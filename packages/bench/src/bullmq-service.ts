import { FlowProducer, type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { type BenchJob, flowOf, optionsOf } from './bullmq-jobs.ts';
import { openAnnouncer } from './completion-channel.ts';
import { type BenchService, type Site, type Subject, type SubjectSettings } from './subject.ts';
import { type Workload, workloadOf } from './workload.ts';

/** What a processor does besides answering its payload. */
type Continue = (queue: string, data: BenchJob) => Promise<unknown>;

/** Plain BullMQ workers, one per queue; what the settings do not name is at its default. */
export async function openBullmqService(
  site: Site,
  subject: Subject,
  settings: SubjectSettings,
): Promise<BenchService> {
  const workload = workloadOf(site.workload, site.branches);
  const connection = new Redis(site.url, { maxRetriesPerRequest: null });
  const announcer = openAnnouncer(site.endsUrl);
  const flows = new FlowProducer({ connection });
  const queues = new Map(
    workload.queues.map((name) => [name, new Queue<BenchJob>(name, { connection })]),
  );
  const proceed =
    subject === 'bullmq-hand'
      ? chainByHand(workload, queues, settings)
      : byFlow(workload, flows, settings);
  const workers = workload.queues.map((name) => {
    const process = async ({ data }: Job<BenchJob>): Promise<{ payload: string }> => {
      await proceed(name, data);
      return { payload: data.payload };
    };
    const { concurrency } = settings;
    return new Worker<BenchJob, { payload: string }>(name, process, { connection, concurrency });
  });
  for (const worker of workers) {
    if (worker.name !== workload.lastQueue) continue;
    worker.on('completed', ({ data }, { payload }) => announcer.announce(data.id, payload));
  }
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  return {
    facts: () => ({ lockDriver: null, warningCount: 0 }),
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await flows.close();
      announcer.close();
      connection.disconnect();
    },
  };
}

/** The next step's job; the last one under the workflow's id, as the last step of the flow has it. */
function chainByHand(
  { types, lastQueue }: Workload,
  queues: ReadonlyMap<string, Queue<BenchJob>>,
  { removeOnComplete }: SubjectSettings,
): Continue {
  const options = optionsOf(removeOnComplete);
  return async (type, data) => {
    const next = types[types.indexOf(type) + 1];
    if (next === undefined) return;
    await queues.get(next)?.add(next, data, options(data, next === lastQueue));
  };
}

function byFlow(
  workload: Workload,
  flows: FlowProducer,
  { removeOnComplete }: SubjectSettings,
): Continue {
  const options = optionsOf(removeOnComplete);
  return async (queue, data) =>
    queue === 'first' ? flows.add(flowOf(workload, data, options)) : undefined;
}
