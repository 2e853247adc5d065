import { FlowProducer, Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { type BenchJob, flowOf, optionsOf } from './bullmq-jobs.ts';
import { type BenchClient, type Site, type Subject, type SubjectSettings } from './subject.ts';
import { workloadOf } from './workload.ts';

/** A producer of workflows made of plain BullMQ jobs. */
export async function openBullmqClient(
  site: Site,
  subject: Subject,
  { removeOnComplete }: SubjectSettings,
): Promise<BenchClient> {
  const workload = workloadOf(site.workload, site.branches);
  const { types, lastQueue, payload } = workload;
  const [firstType = ''] = types;
  const connection = new Redis(site.url, { maxRetriesPerRequest: null });
  const first = new Queue<BenchJob>(firstType, { connection });
  const last = new Queue<BenchJob>(lastQueue, { connection });
  const flows = new FlowProducer({ connection });
  await Promise.all([first.waitUntilReady(), last.waitUntilReady(), flows.waitUntilReady()]);
  const isOneFlow = subject === 'bullmq-flow' && site.workload !== 'W2';
  const isOneJob = lastQueue === firstType;
  const options = optionsOf(removeOnComplete);
  const kept = new Set<string>();
  let count = 0;
  return {
    newId() {
      count += 1;
      return `w-${count}`;
    },
    async start(id, isKept) {
      if (isKept) kept.add(id);
      const data: BenchJob = { id, payload, isKept };
      if (isOneFlow) await flows.add(flowOf(workload, data, options));
      else await first.add(firstType, data, options(data, isOneJob));
    },
    async verify(id, told) {
      if (told !== payload) throw new Error(`workflow ${id} has answered '${told}'`);
      if (removeOnComplete && !kept.has(id)) return;
      const job = await Job.fromId<BenchJob, { payload: string }>(last, id);
      const isWhole = job?.finishedOn !== undefined && job.returnvalue.payload === payload;
      if (!isWhole) throw new Error(`workflow ${id} has not ended with its payload`);
    },
    successionMs: () => Promise.resolve(null),
    async close() {
      await Promise.all([first.close(), last.close(), flows.close()]);
      connection.disconnect();
    },
  };
}
