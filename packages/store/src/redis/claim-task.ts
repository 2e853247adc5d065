import { z } from 'zod';
import { decodeRow } from '../row-codec.ts';
import { type ClaimArgs, type ClaimReply } from '../run-store.ts';
import { defineScript, taggedReply } from '../script.ts';
import { recordOf } from './record-codec.ts';
import { readPayload } from './payloads.ts';
import { callScript, headArgs, type RedisScope, type ScriptKeys } from './redis-scope.ts';

const script = defineScript({
  name: 'claim-task',
  keys: (keys: ScriptKeys) => keys,
  args: ({
    head,
    claim,
  }: {
    readonly head: readonly (string | number)[];
    readonly claim: ClaimArgs;
  }) => [
    ...head,
    claim.key,
    claim.attempt,
    claim.dispatch,
    claim.token,
    claim.worker,
    claim.leaseMs,
  ],
  reply: taggedReply({
    gone: {},
    stale: {},
    held: { worker: z.string() },
    early: { waitMs: z.number() },
    poison: { token: z.string(), deliveries: z.number() },
    claimed: {
      row: z.string().transform(decodeRow),
      input: z.string().nullable(),
      fencingToken: z.number(),
      record: z.array(z.string()),
    },
  }),
});

/** Take one attempt for a worker. */
export async function claimTask(scope: RedisScope, claim: ClaimArgs): Promise<ClaimReply> {
  const head = headArgs(scope, claim.runId, claim.actor);
  const keys = scope.keys.runScriptKeys(claim.runId);
  const reply = await callScript(scope, script, keys, { head, claim });
  if (reply.type !== 'claimed') return reply;
  // An attempt without an input of its own has an empty one.
  const input = (await readPayload(scope, claim.runId, reply.input)) ?? {};
  const { type, row, fencingToken, record } = reply;
  return { type, row, input, fencingToken, run: recordOf(claim.runId, record) };
}
