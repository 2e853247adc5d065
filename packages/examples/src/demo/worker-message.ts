import { z } from 'zod';

/** What a worker process is told: where runs are. By message and not by argument: an address may hold a password. */
export const orderSchema = z.object({ type: z.literal('start'), redisUrl: z.string() });
/** See {@link orderSchema}. */
export type WorkerOrder = z.output<typeof orderSchema>;

const handler = { runId: z.string(), taskRef: z.string(), taskType: z.string() };

/** What a worker process reports: that it takes jobs, and when a handler begins and ends. */
export const reportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), workerId: z.string() }),
  z.object({ type: z.literal('began'), ...handler }),
  z.object({ type: z.literal('ended'), ...handler }),
]);
/** See {@link reportSchema}. */
export type WorkerReport = z.output<typeof reportSchema>;
/** A handler that is running. */
export type HandlerReport = Exclude<WorkerReport, { type: 'ready' }>;
