// The one task of definitions/nested-fork-join.json:
//   npm run joinery -- run packages/examples/definitions/nested-fork-join.json --tasks packages/examples/tasks/nested-fork-join.mjs
import { defineTask } from '@joinery/worker';
import { z } from 'zod';

/** Answers the way on which it was reached: `n_1`, `n_1>n_3`, … */
export const step = defineTask({
  type: 'step',
  input: z.object({ step: z.string(), after: z.array(z.string()) }),
  run: ({ step: name, after }) => {
    if (after.length === 0) return { path: name };
    return { path: `${after.length === 1 ? after[0] : `(${after.join(' + ')})`} > ${name}` };
  },
});
