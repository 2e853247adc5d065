import { type MeasuredName } from './workload.ts';

/**
 * What is measured. `joinery-no-continuation`: a worker does not go on with the next task of a chain by itself.
 * `bullmq-flow`: BullMQ's FlowProducer. `bullmq-hand`: a chain whose processors add the next job themselves; no flow, no
 * state. `bullmq-raw`: one job, added and processed, nothing else.
 */
export const SUBJECTS = [
  'joinery',
  'joinery-no-continuation',
  'bullmq-flow',
  'bullmq-hand',
  'bullmq-raw',
] as const;
/** One of {@link SUBJECTS}. */
export type Subject = (typeof SUBJECTS)[number];

/** Where the workflows of a measurement run, and which. */
export interface Site {
  /** The Redis that is measured. */
  readonly url: string;
  /** The Redis through which ends are told: another one, so that telling costs the measured one nothing. */
  readonly endsUrl: string;
  readonly workload: MeasuredName;
  /** Branches of W3. */
  readonly branches: number;
}

/** What may be set, and is chosen by the sweep before the rounds. */
export interface SubjectSettings {
  /** Tasks of one type that one worker process runs at once. */
  readonly concurrency: number;
  readonly workerProcesses: number;
  /** BullMQ forgets a job when it is done. Joinery's jobs are always forgotten: its state is elsewhere. */
  readonly removeOnComplete: boolean;
}

/** The part of a subject that starts workflows. Ends are announced through the completion channel. */
export interface BenchClient {
  /** An id for a workflow that is to be started. */
  newId(): string;
  /** `isKept`: BullMQ keeps its jobs whatever the settings say, for memory. */
  start(id: string, isKept: boolean): Promise<void>;
  /** Starts so many workflows with one call; nobody is told of their ends. Absent: the subject has no such call. */
  startBulk?(count: number): Promise<void>;
  /** Throws unless this workflow has ended well, with the payload as its result; `told` came with the news of its end. */
  verify(id: string, told: string): Promise<void>;
  /** From the last arrival at the join to the start of its successor, ms; null = not known of this subject. */
  successionMs(id: string): Promise<number | null>;
  close(): Promise<void>;
}

/** The part of a subject that runs tasks, and decides if somebody has to. */
export interface BenchService {
  /** What makes its figures count: see `checkFacts`. */
  facts(): ServiceFacts;
  close(): Promise<void>;
}

/** How a service really is set up, as it says itself. */
export interface ServiceFacts {
  /** Null: the subject has no locks. */
  readonly lockDriver: string | null;
  /** Warnings and errors that it has logged. */
  readonly warningCount: number;
}

/** The subjects that can run a workload, in the order of the report. */
export function subjectsOf(workload: MeasuredName): readonly Subject[] {
  if (workload === 'rawJob') return ['bullmq-raw'];
  if (workload === 'W1')
    return ['joinery', 'joinery-no-continuation', 'bullmq-flow', 'bullmq-hand'];
  return ['joinery', 'bullmq-flow'];
}

/** Whether it is Joinery, in whatever variant. */
export function isJoinery(subject: Subject): subject is 'joinery' | 'joinery-no-continuation' {
  return subject === 'joinery' || subject === 'joinery-no-continuation';
}
