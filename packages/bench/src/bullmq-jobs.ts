import { type FlowJob } from 'bullmq';
import { forkWidthOf, type Workload } from './workload.ts';

/** What every job of the plain BullMQ workflows carries: the id of its workflow, and the payload. */
export interface BenchJob {
  readonly id: string;
  readonly payload: string;
  /** The job stays when it is done, whatever the settings say. */
  readonly isKept: boolean;
}

/** How a job is added: the last one of a workflow under the workflow's id. */
export interface BenchJobOptions {
  readonly jobId?: string;
  readonly removeOnComplete: boolean;
}

/** Makes the options of jobs; see {@link BenchJobOptions}. */
export type OptionsOf = (data: BenchJob, isLast: boolean) => BenchJobOptions;

/** Options under this setting. */
export function optionsOf(removeOnComplete: boolean): OptionsOf {
  return ({ id, isKept }, isLast) => ({
    ...(isLast && { jobId: id }),
    removeOnComplete: removeOnComplete && !isKept,
  });
}

/**
 * A workload, or what can be added of it, as one flow: its last job is the root, whoever waits for others is their
 * parent. Of W2 the part after its first task: a flow is a tree, so it cannot begin with one job that ten wait for; the
 * processor of the first task adds the rest.
 */
export function flowOf(workload: Workload, data: BenchJob, options: OptionsOf): FlowJob {
  const job = (queue: string, children: FlowJob[], isLast = false): FlowJob => {
    const opts = options(data, isLast);
    return {
      name: queue,
      queueName: queue,
      data,
      opts,
      ...(children.length > 0 && { children }),
    };
  };
  const width = forkWidthOf(workload);
  const many = (make: () => FlowJob): FlowJob[] => Array.from({ length: width }, make);
  const last = (children: FlowJob[]): FlowJob => job(workload.lastQueue, children, true);
  if (width === 0) {
    const before = workload.types.slice(0, -1);
    return last(before.reduce<FlowJob[]>((children, type) => [job(type, children)], []));
  }
  if (workload.name !== 'W4') return last(many(() => job('branch', [])));
  return last(
    many(() =>
      job(
        'join',
        many(() =>
          job(
            'join',
            many(() => job('leaf', [])),
          ),
        ),
      ),
    ),
  );
}
