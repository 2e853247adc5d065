import { z } from 'zod';
import { ROLES } from './joinery-service.ts';
import { SUBJECTS } from './subject.ts';
import { MEASURED } from './workload.ts';

/** What a process of a measurement is: a client, or a service with roles. Its only argument, as JSON. */
export const processSpec = z.object({
  subject: z.enum(SUBJECTS),
  site: z.object({
    url: z.string(),
    endsUrl: z.string(),
    workload: z.enum(MEASURED),
    branches: z.number(),
  }),
  settings: z.object({
    concurrency: z.number(),
    workerProcesses: z.number(),
    removeOnComplete: z.boolean(),
  }),
  /** Null = a client. */
  roles: z.array(z.enum(ROLES)).nullable(),
});
/** See {@link processSpec}. */
export type ProcessSpec = z.infer<typeof processSpec>;

/** What a process is asked: `usage` and `close` of all, `facts` of services, the rest of clients. */
export const processRequest = z.discriminatedUnion('type', [
  z.object({ type: z.literal('startMany'), count: z.number() }),
  z.object({ type: z.literal('settled') }),
  z.object({ type: z.literal('closedLoop'), forMs: z.number(), inflight: z.number() }),
  z.object({ type: z.literal('paced'), forMs: z.number(), ratePerSecond: z.number() }),
  z.object({ type: z.literal('startLoop'), forMs: z.number(), inflight: z.number() }),
  z.object({
    type: z.literal('bulkLoop'),
    forMs: z.number(),
    inflight: z.number(),
    size: z.number(),
  }),
  z.object({ type: z.literal('oneByOne'), count: z.number() }),
  z.object({ type: z.literal('verify') }),
  z.object({ type: z.literal('usage') }),
  z.object({ type: z.literal('facts') }),
  z.object({ type: z.literal('close') }),
]);
/** See {@link processRequest}. */
export type ProcessRequest = z.infer<typeof processRequest>;

/** What a process has used so far: user and system time, µs, and what it holds now. */
export const processUsage = z.object({ cpuUs: z.number(), rssBytes: z.number() });
/** See {@link processUsage}. */
export type ProcessUsage = z.infer<typeof processUsage>;

/** A request on its way to a process. */
export const requestMessage = z.object({ id: z.number(), request: processRequest });

/** A process' answer; id 0 = it is ready. */
export const replyMessage = z.object({
  id: z.number(),
  value: z.unknown().optional(),
  error: z.string().optional(),
});
