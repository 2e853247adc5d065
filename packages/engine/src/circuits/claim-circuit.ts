import { type RunId, type TaskCircuit, type TaskKey } from '@joinery/core';
import { type ClaimOutcome } from '../tasks/claim-task.ts';
import { type Engine } from '../engine.ts';
import { storeResult } from '../tasks/store-result.ts';

/** An attempt that calls a target with a breaker, and the claim that is to follow. */
export interface CircuitClaim {
  readonly task: { readonly runId: RunId; readonly key: TaskKey; readonly attempt: number };
  readonly circuit: TaskCircuit;
  readonly token: string;
  readonly leaseMs: number;
}

/** A task that waits asks again so soon at the latest: a reset reaches it within that time. */
const LONGEST_WAIT_MS = 10_000;
/** Those that wait for the same moment do not come at once. */
const SPREAD_MS = 500;

/**
 * Claims an attempt if its target may be called. Else it is put off, which burns neither a delivery nor an attempt; or,
 * where its definition says so, it is ended at once without having been carried out.
 */
export async function claimCircuit(
  engine: Engine,
  { task, circuit, token, leaseMs }: CircuitClaim,
  claims: {
    /** With all that stands before a claim. */
    readonly inLine: () => Promise<ClaimOutcome>;
    readonly alone: () => Promise<ClaimOutcome>;
  },
): Promise<ClaimOutcome> {
  const { target, whenOpen } = circuit;
  const admission = await engine.breakers.ask(circuit, token, leaseMs);
  if (admission.type === 'wait') {
    engine.meters.circuitHeld(whenOpen);
    if (whenOpen === 'FAIL') return refuse(engine, { task, target, token }, claims.alone);
    const spreadMs = engine.entropy.seed() % SPREAD_MS;
    return { type: 'early', waitMs: Math.min(admission.waitMs, LONGEST_WAIT_MS) + spreadMs };
  }
  let outcome: ClaimOutcome | null = null;
  try {
    outcome = await claims.inLine();
    return outcome;
  } finally {
    if (outcome?.type !== 'claimed') await engine.breakers.giveBack(token);
  }
}

async function refuse(
  engine: Engine,
  { task, target, token }: Pick<CircuitClaim, 'task' | 'token'> & { readonly target: string },
  claim: () => Promise<ClaimOutcome>,
): Promise<ClaimOutcome> {
  const outcome = await claim();
  if (outcome.type !== 'claimed') return outcome;
  await storeResult(engine, {
    ...task,
    token,
    status: 'FAILED_WITH_TERMINAL_ERROR',
    output: {},
    reason: `CIRCUIT_OPEN: calls of ${target} fail, it is left alone for a while`,
  });
  return { type: 'refused' };
}
