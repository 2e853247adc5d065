import { type Json } from '@joinery/core';
import { type RedeliverArgs, type RedeliverReply } from '@joinery/store';
import { completePoison } from './complete-poison.ts';
import { type Engine } from '../engine.ts';
import { relayLetters } from '../letters/relay-letters.ts';

/** The claim that its holder gives up. */
export interface HandBack extends Pick<
  RedeliverArgs,
  'runId' | 'key' | 'attempt' | 'dispatch' | 'token'
> {
  readonly definition: string;
  readonly traceId: string;
  readonly delayMs?: number;
  /** What its worker has so far: it is not given up, it is to be asked again. The delivery does not count then. */
  readonly output?: Json;
}

/** Gives an unfinished claim back, so that another worker has the attempt at once. Burns no retry. */
export async function handBackTask(engine: Engine, claim: HandBack): Promise<RedeliverReply> {
  const { runId, key, attempt, dispatch, token, definition, traceId } = claim;
  const { delayMs = 0, output } = claim;
  const reply = await engine.store.redeliver({
    runId,
    key,
    attempt,
    dispatch,
    token,
    repair: null,
    delayMs,
    ...(output !== undefined && { output }),
    actor: engine.actor('hand-back-task'),
  });
  if (reply.type === 'redelivered') {
    await relayLetters(engine, [{ runId, definition, traceId, letter: reply.letter }]);
  }
  if (reply.type === 'poison') await completePoison(engine, { runId, key, attempt }, reply);
  return reply;
}
