import { type RunId, type TaskKey, type TaskLimits } from '@joinery/core';
import { type Engine } from '../engine.ts';
import { callWaiting, waitingTaskOf } from './call-waiting.ts';
import { type ClaimOutcome } from '../tasks/claim-task.ts';
import { memberOf } from './gate-member.ts';

/** A place outlives the claim that it is for: only then nobody has the place of a handler that still runs. */
export const GATE_MARGIN_MS = 2_000;

/** An attempt that needs a place, and the claim that is to follow. */
export interface LimitedClaim {
  readonly task: { readonly runId: RunId; readonly key: TaskKey; readonly attempt: number };
  readonly definition: string;
  readonly limits: TaskLimits;
  readonly token: string;
  readonly leaseMs: number;
}

/**
 * Claims an attempt that is limited: first a place at its gate, then the claim. Without a place it waits in line there,
 * where it costs neither a worker nor a delivery, and is sent again when its turn has come.
 */
export async function claimLimited(
  engine: Engine,
  { task, definition, limits, token, leaseMs }: LimitedClaim,
  claim: () => Promise<ClaimOutcome>,
): Promise<ClaimOutcome> {
  const { gate, key, keyMax, max, rate, perMs } = limits;
  const member = memberOf(task.runId, task.key, task.attempt);
  const wish = {
    gate,
    member,
    token,
    limits: { max, rate, perMs },
    key,
    keyMax,
    leaseMs: leaseMs + GATE_MARGIN_MS,
    job: waitingTaskOf(gate, task, definition),
  };
  const entered = await engine.gates.enter(wish);
  await callWaiting(engine, entered.jobs);
  if (entered.type === 'waiting') {
    engine.meters.limited(gate);
    return { type: 'waiting' };
  }
  const outcome = await claim();
  if (outcome.type === 'claimed') {
    if (!entered.isOurs)
      await callWaiting(engine, (await engine.gates.enter({ ...wish, isForced: true })).jobs);
  } else if (outcome.type !== 'held' || !entered.isOurs) {
    await callWaiting(engine, await engine.gates.leave({ gate, member, token }));
  }
  return outcome;
}
