import { RUN_STATUSES } from '@joinery/core';
import { z } from 'zod';
import { type CompleteArgs, type CompleteReply } from '../run-store.ts';
import { defineScript, taggedReply } from '../script.ts';
import { encodeCommands, type EncodedCommands } from './command-codec.ts';
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
    readonly ownKeyCount: number;
    readonly commands: EncodedCommands;
  }) => [
    ...args.head,
    args.result.key,
    args.result.attempt,
    args.result.token,
    args.result.status,
    args.result.reason.slice(0, REASON_LIMIT),
    args.output,
    args.ownKeyCount,
    args.result.carried?.decision ?? '',
    args.result.carried?.nonce ?? '',
    args.result.carried?.nextNonce ?? '',
    args.result.carried?.open ?? '',
    Number(args.result.carried?.hasMore ?? false),
    args.commands.openDelta,
    ...args.commands.args,
  ],
  reply: taggedReply({
    gone: {},
    stale: {},
    stored: { isDirty: flag },
    repeated: { isDirty: flag },
    decided: {
      isDirty: flag,
      version: z.number(),
      status: z.enum(RUN_STATUSES),
      at: z.coerce.number(),
    },
  }),
});

/** Store the result of an attempt. */
export async function completeTask(
  scope: RedisScope,
  result: CompleteArgs,
): Promise<CompleteReply> {
  const stage = new PayloadStage(scope, result.runId);
  const output = stage.put(`o:${result.key}`, result.output);
  const runKeys = scope.keys.runScriptKeys(result.runId);
  const ownKeyCount = runKeys.length + stage.blobs.length;
  const commands = encodeCommands(result.carried?.commands ?? [], stage);
  const keys = [...runKeys, ...(await stage.write())];
  const head = headArgs(scope, result.runId, result.actor);
  return callScript(scope, script, keys, { head, result, output, ownKeyCount, commands });
}
