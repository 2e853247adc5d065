import { z } from 'zod';

/** What a worker may say of its task (Conductor 3.30). */
export const TASK_RESULT_STATUSES = [
  'IN_PROGRESS',
  'COMPLETED',
  'FAILED',
  'FAILED_WITH_TERMINAL_ERROR',
  'CANCELED',
] as const;
/** One of {@link TASK_RESULT_STATUSES}. */
export type TaskResultStatus = (typeof TASK_RESULT_STATUSES)[number];

const text = z.string();

/** A line that comes with a result; `createdTime` in ms since epoch. */
export const taskLogSchema = z.object({
  log: z.union([text, z.null()]).optional(),
  createdTime: z.union([z.number(), z.null()]).optional(),
  taskId: z.union([text, z.null()]).optional(),
});

/**
 * Conductor's TaskResult (3.30): what a worker answers for an attempt. `extendLease` refreshes the lease and nothing
 * else; `callbackAfterSeconds` is read with IN_PROGRESS alone. Members that we do not know are dropped.
 */
export const taskResultSchema = z.object({
  workflowInstanceId: text.min(1),
  taskId: text.min(1),
  status: z.enum(TASK_RESULT_STATUSES).optional(),
  reasonForIncompletion: text.optional(),
  callbackAfterSeconds: z.number().min(0).max(2_147_483_647).optional(),
  workerId: text.max(255).optional(),
  outputData: z.record(text, z.json()).optional(),
  logs: z.array(taskLogSchema).max(1_000).optional(),
  extendLease: z.boolean().optional(),
});

/** See {@link taskResultSchema}. */
export type ConductorTaskResult = z.infer<typeof taskResultSchema>;

/** Conductor cuts reasons at this length. */
const REASON_LIMIT = 500;

/** The reason as the store takes it. */
export function reasonOf(reason: string | undefined): string {
  return (reason ?? '').slice(0, REASON_LIMIT);
}
