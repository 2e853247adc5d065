import { z } from 'zod';

const member = z.object({
  id: z.string(),
  roles: z.array(z.string()),
  host: z.string(),
  phase: z.enum(['starting', 'ready', 'draining']),
  taskTypes: z.array(z.string()),
  inflight: z.number(),
  beatAt: z.number(),
});

/** Schema of {@link FleetReport} in the server's answer; more is there and is dropped. */
export const fleetReportSchema = z.object({ mode: z.string(), members: z.array(member) });

/** Which processes live, and whether anybody carries runs on: `ACTIVE`, `QUIESCED`, `LEFT`. Moments in ms since epoch. */
export type FleetReport = z.output<typeof fleetReportSchema>;
