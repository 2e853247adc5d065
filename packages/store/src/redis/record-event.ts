import { type HistoryEvent, type RunId } from '@joinery/core';
import { systemEntropy } from '@joinery/kit';
import { defineScript, taggedReply } from '../script.ts';
import { callScript, headArgs, type RedisScope, type ScriptKeys } from './redis-scope.ts';

const script = defineScript({
  name: 'record-event',
  keys: (keys: ScriptKeys) => keys,
  args: (args: {
    readonly head: readonly (string | number)[];
    readonly event: HistoryEvent;
    readonly callId: string;
  }) => [...args.head, JSON.stringify(args.event), args.callId],
  reply: taggedReply({ recorded: {}, gone: {} }),
});

/** Append an event that changes nothing else. */
export async function recordEvent(
  scope: RedisScope,
  {
    runId,
    event,
    actor,
  }: { readonly runId: RunId; readonly event: HistoryEvent; readonly actor: string },
): Promise<'recorded' | 'gone'> {
  const head = headArgs(scope, runId, actor);
  const reply = await callScript(scope, script, scope.keys.runScriptKeys(runId), {
    head,
    event,
    callId: systemEntropy.randomId(),
  });
  return reply.type;
}
