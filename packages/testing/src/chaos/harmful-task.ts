import { defineTask, type Task } from '@joinery/worker';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { HARM_TASK } from '../workloads/workload.ts';

/** What a task can do to the process that runs it, or to whoever waits for it. */
export const HARMS = ['throw', 'exit', 'loop', 'never', 'memory'] as const;
/** One of {@link HARMS}. */
export type Harm = (typeof HARMS)[number];

/** A chunk of what is never given back, numbers: 8 MB. */
const CHUNK = 1_000_000;

/** The handler that nobody should write. */
export function harmfulTask(): Task {
  return defineTask({
    type: HARM_TASK,
    input: z.object({ harm: z.enum(HARMS) }),
    concurrency: 1,
    run: async ({ harm }, { signal }) => {
      switch (harm) {
        case 'throw':
          throw new Error('thrown on purpose');
        case 'exit':
          return process.exit(1);
        case 'loop':
          for (;;);
        case 'never':
          return new Promise(() => undefined);
        case 'memory':
          for (const kept: number[][] = []; !signal.aborted; await delay(1)) {
            kept.push(Array.from({ length: CHUNK }, (_, index) => index + kept.length));
          }
      }
    },
  });
}
