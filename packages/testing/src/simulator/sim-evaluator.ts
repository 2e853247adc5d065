import { isJsonObject } from '@joinery/core';
import { type Evaluator } from '@joinery/engine';
import { DOUBLING } from '../definitions/write-definition.ts';

/** Knows by heart what the one script of generated definitions comes to. */
export const simEvaluator: Evaluator = {
  evaluate: async ({ script, input }) => {
    if (script !== DOUBLING || !isJsonObject(input)) throw new Error(`nobody knows ${script}`);
    return { ok: true, value: 2 * Number(input['number']) };
  },
};
