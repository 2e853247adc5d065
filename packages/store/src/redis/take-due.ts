import { z } from 'zod';
import { type TakeReply } from '../run-findings.ts';
import { defineScript } from '../script.ts';
import { callScript, clockArg, type RedisScope, type ScriptKeys } from './redis-scope.ts';
import { storedRunId } from './stored-names.ts';

/** A clock that jumps this far has stood still, or we have. Less is a slow pass. */
const OUTAGE_MS = 10_000;

const script = defineScript({
  name: 'take-due',
  keys: (keys: ScriptKeys) => keys,
  args: (args: {
    readonly clock: string;
    readonly maxSweepAgeMs: number;
    readonly limit: number;
  }) => [args.clock, args.maxSweepAgeMs, args.limit, OUTAGE_MS],
  reply: z
    .tuple([z.number(), z.number(), z.array(storedRunId), z.array(storedRunId)])
    .transform(([now, gapMs, runIds, forgotten]): TakeReply => ({ runIds, now, gapMs, forgotten })),
});

/** Take the runs of a partition at which somebody must look now. */
export function takeDue(scope: RedisScope, partition: number, limit: number): Promise<TakeReply> {
  const { attention, clock, runs, expiry, audited } = scope.keys.partition(partition);
  const { maxSweepAgeMs } = scope.options;
  return callScript(scope, script, [attention, clock, runs, expiry, audited], {
    clock: clockArg(scope),
    maxSweepAgeMs,
    limit,
  });
}
