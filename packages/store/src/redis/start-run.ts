import { partitionOf, RUN_STATUSES, type RunId } from '@joinery/core';
import { z } from 'zod';
import { idempotencyHash } from '../key-builder.ts';
import { type NewRun, type StartArgs, type StartReply } from '../run-store.ts';
import { defineScript, taggedReply } from '../script.ts';
import { encodeCommands } from './command-codec.ts';
import { PayloadStage } from './payloads.ts';
import { encodeOrigin } from './record-codec.ts';
import { callScript, headArgs, type RedisScope, type ScriptKeys } from './redis-scope.ts';
import { storedRunId } from './stored-names.ts';

const script = defineScript({
  name: 'start-run',
  keys: (keys: ScriptKeys) => keys,
  args: (args: {
    readonly head: readonly (string | number)[];
    readonly nonce: string;
    readonly hasMore: boolean;
    readonly idemHash: string;
    readonly seenName: string;
    readonly openDelta: number;
    readonly run: NewRun;
    readonly commands: readonly (string | number)[];
  }) => [
    ...args.head,
    args.nonce,
    Number(args.hasMore),
    args.idemHash,
    args.seenName,
    args.openDelta,
    args.run.definition,
    encodeOrigin(args.run),
    ...args.commands,
  ],
  reply: taggedReply({
    started: {},
    exists: { runId: storedRunId, status: z.enum(RUN_STATUSES) },
    named: { runId: storedRunId },
  }),
});

/** Create a run with its first decision, or find the one that its idempotency key names. */
export async function startRun(scope: RedisScope, args: StartArgs): Promise<StartReply> {
  const { run } = args;
  const stage = new PayloadStage(scope, run.id);
  const payloads = [
    ['D', 'run:input', stage.put('run:input', run.input)],
    ['D', 'run:variables', stage.put('run:variables', run.variables)],
  ].flat();
  const { args: commands, openDelta } = encodeCommands(args.commands, stage);
  const blobKeys = await stage.write();
  const idemHash = run.idempotencyKey && idempotencyHash(run.definition, run.idempotencyKey);
  const idemKey = scope.keys.idempotency(partitionOf(run.id), idemHash || 'none');
  let seenName: RunId | '' = '';
  for (;;) {
    const namedKey: string = seenName === '' ? idemKey : scope.keys.run(seenName).run;
    const keys = [...scope.keys.runScriptKeys(run.id), idemKey, namedKey, ...blobKeys];
    const reply: z.output<typeof script.reply> = await callScript(scope, script, keys, {
      head: headArgs(scope, run.id, args.actor),
      nonce: args.nonce,
      hasMore: args.hasMore,
      idemHash,
      seenName,
      openDelta,
      run,
      commands: [...payloads, ...commands],
    });
    if (reply.type === 'started') return { type: 'started', runId: run.id };
    if (reply.type === 'exists') return reply;
    // Each round means that another start has changed the owner in between; the next one names it.
    seenName = reply.runId;
  }
}
