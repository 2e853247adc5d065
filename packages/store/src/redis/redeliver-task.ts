import { type DispatchLetter } from '@joinery/core';
import { systemEntropy } from '@joinery/kit';
import { z } from 'zod';
import { type RedeliverArgs, type RedeliverReply } from '../run-store.ts';
import { defineScript, taggedReply } from '../script.ts';
import { callScript, headArgs, type RedisScope, type ScriptKeys } from './redis-scope.ts';
import { storedTaskKey } from './stored-names.ts';

/** The caller completes poison at once; should it die instead, the attempt is found again after this. */
const POISON_LEASE_MS = 3_000;

const dispatchLetter = z.object({
  type: z.literal('dispatch'),
  key: storedTaskKey,
  ref: z.string(),
  taskType: z.string(),
  attempt: z.number(),
  dispatch: z.number(),
  priority: z.number(),
});

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

/** A dispatch letter from its JSON; `at` is left out. */
export function decodeDispatch(text: string): DispatchLetter {
  return dispatchLetter.parse(JSON.parse(text));
}

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
