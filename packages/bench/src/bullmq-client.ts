import { FlowProducer, Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { type BenchJob, chainFlow } from './bullmq-jobs.ts';
import { type BenchClient, type Site, type Subject } from './subject.ts';
import { PAYLOAD, workloadOf } from './workload.ts';

/** A producer of workflows made of plain BullMQ jobs. */
export async function openBullmqClient(
  site: Site,
  subject: Exclude<Subject, 'joinery'>,
): Promise<BenchClient> {
  const { types, lastRef } = workloadOf(site.workload);
  const [firstType = ''] = types;
  const connection = new Redis(site.url, { maxRetriesPerRequest: null });
  const first = new Queue<BenchJob>(firstType, { connection });
  const last = new Queue<BenchJob>(lastRef, { connection });
  const flows = new FlowProducer({ connection });
  await Promise.all([first.waitUntilReady(), last.waitUntilReady(), flows.waitUntilReady()]);
  const isOneFlow = subject === 'bullmq-flow' && site.workload === 'W1';
  let count = 0;
  return {
    newId() {
      count += 1;
      return `w-${count}`;
    },
    async start(id) {
      if (isOneFlow) await flows.add(chainFlow(id, types));
      else await first.add(firstType, { id, payload: PAYLOAD });
    },
    async verify(id) {
      const job = await Job.fromId<BenchJob, { payload: string }>(last, id);
      const isWhole = job?.finishedOn !== undefined && job.returnvalue.payload === PAYLOAD;
      if (!isWhole) throw new Error(`workflow ${id} has not ended with its payload`);
    },
    async close() {
      await Promise.all([first.close(), last.close(), flows.close()]);
      connection.disconnect();
    },
  };
}
