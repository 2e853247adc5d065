import { type DispatchLetter } from '@joinery/core';
import { systemEntropy } from '@joinery/kit';
import { z } from 'zod';
import { type RedeliverArgs, type RedeliverReply } from '../run-store.ts';
import { defineScript, taggedReply } from '../script.ts';
import { decodeDispatch } from './letter-codec.ts';
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
  ],
  reply: taggedReply({
    gone: {},
    unchanged: {},
    redelivered: { letter: z.string().transform((text): DispatchLetter => decodeDispatch(text)) },
    poison: { token: z.string(), deliveries: z.number() },
  }),
});

/** Send an attempt again under a new dispatch number. */
export function redeliverTask(
  scope: RedisScope,
  redeliver: RedeliverArgs,
): Promise<RedeliverReply> {
  return callScript(scope, script, scope.keys.runScriptKeys(redeliver.runId), {
    head: headArgs(scope, redeliver.runId, redeliver.actor),
    redeliver,
    poisonToken: systemEntropy.randomId(),
  });
}
