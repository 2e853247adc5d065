import { type FlowJob } from 'bullmq';
import { FORK_WIDTH, PAYLOAD } from './workload.ts';

/** What every job of the plain BullMQ workflows carries: the id of its workflow, and the payload. */
export interface BenchJob {
  readonly id: string;
  readonly payload: string;
}

/** W1 as one flow: each step is the parent of the one before it. The last step has the workflow's id. */
export function chainFlow(id: string, types: readonly string[]): FlowJob {
  const data: BenchJob = { id, payload: PAYLOAD };
  let flow: FlowJob | undefined;
  for (const [index, type] of types.entries()) {
    const isLast = index === types.length - 1;
    flow = {
      name: type,
      queueName: type,
      data,
      ...(isLast && { opts: { jobId: id } }),
      ...(flow && { children: [flow] }),
    };
  }
  if (flow === undefined) throw new Error('a chain has at least one step');
  return flow;
}

/**
 * The part of W2 after its first task: ten branches and their parent. A flow is a tree, so it cannot begin with one job
 * that ten wait for; the processor of the first task adds this.
 */
export function forkFlow(data: BenchJob): FlowJob {
  const branch = { name: 'branch', queueName: 'branch', data };
  const children = Array.from({ length: FORK_WIDTH }, () => branch);
  return { name: 'last', queueName: 'last', data, opts: { jobId: data.id }, children };
}
