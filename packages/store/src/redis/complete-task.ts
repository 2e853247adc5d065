import { z } from 'zod';
import { type CompleteArgs, type CompleteReply } from '../run-store.ts';
import { defineScript, taggedReply } from '../script.ts';
import { PayloadStage } from './payloads.ts';
import { callScript, headArgs, type RedisScope, type ScriptKeys } from './redis-scope.ts';

/** Reasons are for people; a whole stack trace belongs into the worker's log. */
const REASON_LIMIT = 500;

const flag = z.number().transform((value) => value === 1);

const script = defineScript({
  name: 'complete-task',
  keys: (keys: ScriptKeys) => keys,
  args: (args: {
    readonly head: readonly (string | number)[];
    readonly result: CompleteArgs;
    readonly output: string;
  }) => [
    ...args.head,
    args.result.key,
    args.result.attempt,
    args.result.token,
    args.result.status,
    args.result.reason.slice(0, REASON_LIMIT),
    args.output,
  ],
  reply: taggedReply({
    gone: {},
    stale: {},
    stored: { isDirty: flag },
    repeated: { isDirty: flag },
  }),
});

/** Store the result of an attempt. */
export async function completeTask(
  scope: RedisScope,
  result: CompleteArgs,
): Promise<CompleteReply> {
  const stage = new PayloadStage(scope, result.runId);
  const output = stage.put(`o:${result.key}`, result.output);
  const keys = [...scope.keys.runScriptKeys(result.runId), ...(await stage.write())];
  const head = headArgs(scope, result.runId, result.actor);
  return callScript(scope, script, keys, { head, result, output });
}
