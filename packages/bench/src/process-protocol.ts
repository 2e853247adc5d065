import { z } from 'zod';
import { ROLES } from './joinery-service.ts';
import { SUBJECTS } from './subject.ts';
import { WORKLOADS } from './workload.ts';

/** What a process of a measurement is: a client, or a service with roles. Its only argument, as JSON. */
export const processSpec = z.object({
  subject: z.enum(SUBJECTS),
  workload: z.enum(WORKLOADS),
  url: z.string(),
  /** Null = a client. */
  roles: z.array(z.enum(ROLES)).nullable(),
});
/** See {@link processSpec}. */
export type ProcessSpec = z.infer<typeof processSpec>;

/** What a process is asked; the first four are for clients. */
export const processRequest = z.discriminatedUnion('type', [
  z.object({ type: z.literal('startMany'), count: z.number() }),
  z.object({ type: z.literal('settled') }),
  z.object({ type: z.literal('closedLoop'), forMs: z.number(), inflight: z.number() }),
  z.object({ type: z.literal('oneByOne'), count: z.number() }),
  z.object({ type: z.literal('verify') }),
  /** User and system time of the process so far, µs. */
  z.object({ type: z.literal('cpuUs') }),
  z.object({ type: z.literal('close') }),
]);
/** See {@link processRequest}. */
export type ProcessRequest = z.infer<typeof processRequest>;

/** A request on its way to a process. */
export const requestMessage = z.object({ id: z.number(), request: processRequest });

/** A process' answer; id 0 = it is ready. */
export const replyMessage = z.object({
  id: z.number(),
  value: z.unknown().optional(),
  error: z.string().optional(),
});
