import { type WorkloadName } from './workload.ts';

/**
 * What is measured. `bullmq-flow`: BullMQ's FlowProducer. `bullmq-hand`: a chain whose processors add the next job
 * themselves; no flow, no state, so W1 only.
 */
export const SUBJECTS = ['joinery', 'bullmq-flow', 'bullmq-hand'] as const;
/** One of {@link SUBJECTS}. */
export type Subject = (typeof SUBJECTS)[number];

/** Where the workflows of a measurement run, and which. */
export interface Site {
  readonly url: string;
  readonly workload: WorkloadName;
}

/** The part of a subject that starts workflows. Ends are announced through the completion channel. */
export interface BenchClient {
  /** An id for a workflow that is to be started. */
  newId(): string;
  start(id: string): Promise<void>;
  /** Throws unless this workflow has ended well, with the payload as its result. */
  verify(id: string): Promise<void>;
  close(): Promise<void>;
}

/** The part of a subject that runs tasks, and decides if somebody has to. */
export interface BenchService {
  close(): Promise<void>;
}

/** The subjects that can run a workload, in the order of the report. */
export function subjectsOf(workload: WorkloadName): readonly Subject[] {
  return workload === 'W1' ? SUBJECTS : ['joinery', 'bullmq-flow'];
}
