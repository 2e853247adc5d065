import { RUN_STATUSES } from '@joinery/core';
import { z } from 'zod';
import { type CommitArgs, type CommitReply } from '../run-store.ts';
import { defineScript, taggedReply } from '../script.ts';
import { encodeCommands, type EncodedCommands } from './command-codec.ts';
import { PayloadStage } from './payloads.ts';
import { callScript, headArgs, type RedisScope, type ScriptKeys } from './redis-scope.ts';

const flag = z.number().transform((value) => value === 1);
const status = z.enum(RUN_STATUSES);

const script = defineScript({
  name: 'commit-decision',
  keys: (keys: ScriptKeys) => keys,
  args: (args: {
    readonly head: readonly (string | number)[];
    readonly commit: CommitArgs;
    readonly commands: EncodedCommands;
  }) => [
    ...args.head,
    args.commit.decision,
    args.commit.nonce,
    args.commit.dirty,
    args.commit.fence,
    args.commit.nextNonce,
    Number(args.commit.hasMore),
    args.commit.wasFull ? 1 + Number(args.commit.isCalm ?? false) : 0,
    args.commit.requestId,
    args.commit.lock?.token ?? '',
    args.commit.lock?.leaseMs ?? 0,
    args.commands.openDelta,
    ...args.commands.args,
  ],
  reply: taggedReply({
    gone: {},
    committed: { version: z.number(), status, isDirty: flag },
    repeated: { status, isDirty: flag },
    refused: { by: z.enum(['decision', 'fence', 'task']) },
  }),
});

/** Apply a decision: all of it or nothing. */
export async function commitDecision(scope: RedisScope, commit: CommitArgs): Promise<CommitReply> {
  const stage = new PayloadStage(scope, commit.runId);
  const commands = encodeCommands(commit.commands, stage);
  const keys = [...scope.keys.runScriptKeys(commit.runId), ...(await stage.write())];
  const head = headArgs(scope, commit.runId, commit.actor);
  return callScript(scope, script, keys, { head, commit, commands });
}
