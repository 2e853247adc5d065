import { type JsonObject } from '@joinery/core';
import { z } from 'zod';
import { type Ask, pathTo, queryOf } from './ask-server.ts';

const ROOT = '/api/dead-letters';
const STATUSES = ['open', 'replaying', 'replayed', 'discarded'] as const;

const deadLetter = z.object({
  id: z.string(),
  runId: z.string(),
  definition: z.string(),
  taskType: z.string(),
  cause: z.enum(['exhausted', 'timed-out', 'poisoned']),
  reason: z.string(),
  diedAt: z.number(),
  input: z.json(),
  status: z.enum(STATUSES),
});

/** A failed task that waits for somebody; moments in ms since epoch. More is in the server's answer. */
export type DeadLetterReport = z.output<typeof deadLetter>;

/** Which letters are wanted. */
export interface DeadLetterWish {
  /** Default: open ones. */
  readonly status?: (typeof STATUSES)[number] | 'all';
  readonly definition?: string;
  /** At most; default 100. */
  readonly size?: number;
}

/** Dead letters of one server. Every change is kept with who made it and why. */
export interface DeadLettersClient {
  list(wish?: DeadLetterWish): Promise<readonly DeadLetterReport[]>;
  find(id: string): Promise<DeadLetterReport>;
  /** Another input for the next replay. */
  edit(id: string, input: JsonObject, reason: string): Promise<void>;
  replay(id: string, reason: string): Promise<void>;
  discard(id: string, reason: string): Promise<void>;
}

/** Creates the verbs for dead letters. */
export function deadLettersClient(ask: Ask): DeadLettersClient {
  const page = z.object({ results: z.array(deadLetter) });
  return {
    async list({ status, definition, size } = {}) {
      const path = ROOT + queryOf({ status, definition, size });
      return page.parse(await ask('GET', path)).results;
    },
    find: async (id) => deadLetter.parse(await ask('GET', pathTo(ROOT, id))),
    edit: async (id, input, reason) => {
      await ask('PUT', pathTo(ROOT, id, '/input'), { input, reason });
    },
    replay: async (id, reason) => {
      await ask('POST', pathTo(ROOT, id, '/replay'), { reason });
    },
    discard: async (id, reason) => {
      await ask('POST', pathTo(ROOT, id, '/discard'), { reason });
    },
  };
}
