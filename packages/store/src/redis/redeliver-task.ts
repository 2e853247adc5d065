import { type DispatchLetter } from '@joinery/core';
import { systemEntropy } from '@joinery/kit';
import { z } from 'zod';
import { type RedeliverArgs, type RedeliverReply } from '../run-store.ts';
import { defineScript, taggedReply } from '../script.ts';
import { decodeDispatch } from './letter-codec.ts';
import { PayloadStage } from './payloads.ts';
import { callScript, headArgs, type RedisScope, type ScriptKeys } from './redis-scope.ts';

/** The caller completes poison at once; should it die instead, the attempt is found again after this. */
const POISON_LEASE_MS = 3_000;

const script = defineScript({
  name: 'redeliver-task',
  keys: (keys: ScriptKeys) => keys,
  args: (args: {
    readonly head: readonly (string | number)[];
    readonly redeliver: RedeliverArgs;
    readonly poisonToken: string;
    readonly output: string;
  }) => [
    ...args.head,
    args.redeliver.key,
    args.redeliver.attempt,
    args.redeliver.dispatch,
    args.redeliver.token,
    args.redeliver.repair ?? '',
    args.redeliver.delayMs,
    args.poisonToken,
    POISON_LEASE_MS,
    args.output,
  ],
  reply: taggedReply({
    gone: {},
    unchanged: {},
    redelivered: { letter: z.string().transform((text): DispatchLetter => decodeDispatch(text)) },
    poison: { token: z.string(), deliveries: z.number() },
  }),
});

/** Send an attempt again under a new dispatch number. */
export async function redeliverTask(
  scope: RedisScope,
  redeliver: RedeliverArgs,
): Promise<RedeliverReply> {
  const { runId, key, output } = redeliver;
  const stage = new PayloadStage(scope, runId);
  const text = output === undefined ? '' : stage.put(`o:${key}`, output);
  const keys = [...scope.keys.runScriptKeys(runId), ...(await stage.write())];
  return callScript(scope, script, keys, {
    head: headArgs(scope, runId, redeliver.actor),
    redeliver,
    poisonToken: systemEntropy.randomId(),
    output: text,
  });
}
