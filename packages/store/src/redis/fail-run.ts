import { type RunId } from '@joinery/core';
import { defineScript, taggedReply } from '../script.ts';
import { callScript, headArgs, type RedisScope, type ScriptKeys } from './redis-scope.ts';

const script = defineScript({
  name: 'fail-run',
  keys: (keys: ScriptKeys) => keys,
  args: (args: { readonly head: readonly (string | number)[]; readonly reason: string }) => [
    ...args.head,
    args.reason,
  ],
  reply: taggedReply({ failed: {}, ended: {}, gone: {} }),
});

/** End a run FAILED without a decision. */
export async function failRun(
  scope: RedisScope,
  {
    runId,
    reason,
    actor,
  }: { readonly runId: RunId; readonly reason: string; readonly actor: string },
): Promise<'failed' | 'ended' | 'gone'> {
  const head = headArgs(scope, runId, actor);
  const reply = await callScript(scope, script, scope.keys.runScriptKeys(runId), { head, reason });
  return reply.type;
}
