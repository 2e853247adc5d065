import { z } from 'zod';

/** The data of a task's BullMQ job, checked when it comes back: anybody may write into a queue. */
export const taskJobSchema = z.object({
  runId: z.string().min(1),
  key: z.string().min(1),
  taskId: z.string().min(1),
  attempt: z.int().positive(),
  dispatch: z.int().nonnegative(),
  taskType: z.string().min(1),
  definition: z.string(),
  ref: z.string(),
  priority: z.int().min(0).max(99),
  traceId: z.string().exactOptional(),
  /** What must give the attempt a place before it is claimed. */
  limits: z
    .object({
      gate: z.string().min(1),
      max: z.int().nonnegative(),
      rate: z.int().nonnegative(),
      perMs: z.int().nonnegative(),
      key: z.string(),
      keyMax: z.int().nonnegative(),
      /** What is asked first. */
      circuit: z
        .object({
          target: z.string().min(1),
          failurePercent: z.int().positive(),
          minCalls: z.int().positive(),
          windowMs: z.int().positive(),
          openMs: z.int().positive(),
          probes: z.int().positive(),
          whenOpen: z.enum(['WAIT', 'FAIL']),
        })
        .exactOptional(),
    })
    .exactOptional(),
});

/**
 * A hint: "look at this task attempt". Small on purpose, inputs and outputs never travel in jobs. `priority` is
 * BullMQ's: 0 (default) is served first, then 1 to 99 in that order, equals in order of arrival.
 */
export type TaskJob = Readonly<z.infer<typeof taskJobSchema>>;
