import { type RunId } from '@joinery/core';
import { defineScript, taggedReply } from '../script.ts';
import { callScript, headArgs, type RedisScope, type ScriptKeys } from './redis-scope.ts';

const script = defineScript({
  name: 'ack-letter',
  keys: (keys: ScriptKeys) => keys,
  args: (args: {
    readonly head: readonly (string | number)[];
    readonly letterIds: readonly string[];
  }) => [...args.head, ...args.letterIds],
  reply: taggedReply({ acknowledged: {}, gone: {} }),
});

/** Letters of one script: about a millisecond of Redis. */
const CHUNK = 500;

/** Take letters to other runs out of the outbox. */
export async function acknowledgeLetters(
  scope: RedisScope,
  runId: RunId,
  letterIds: readonly string[],
): Promise<'acknowledged' | 'gone'> {
  const keys = scope.keys.runScriptKeys(runId);
  for (let from = 0; from < letterIds.length; from += CHUNK) {
    const reply = await callScript(scope, script, keys, {
      head: headArgs(scope, runId, ''),
      letterIds: letterIds.slice(from, from + CHUNK),
    });
    if (reply.type === 'gone') return 'gone';
  }
  return 'acknowledged';
}
