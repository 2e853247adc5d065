import { type BeatItem, type GateMember } from '@joinery/store';
import { GATE_MARGIN_MS } from '../gates/claim-limited.ts';
import { type Engine } from '../engine.ts';
import { memberOf } from '../gates/gate-member.ts';

// One call stays below some ms of script time; a process has rarely more claims than that.
const CHUNK = 500;

/** A claim to be renewed, with the gate at which it has a place; absent: nothing limits it. */
export interface ClaimBeat extends BeatItem {
  readonly gate?: string;
}

/** Renews claims and their places, one answer each. False: lost, and the handler must stop; its result would be refused. */
export async function beatClaims(
  engine: Pick<Engine, 'store' | 'gates' | 'breakers'>,
  items: readonly ClaimBeat[],
): Promise<readonly boolean[]> {
  const answers: boolean[] = [];
  for (let from = 0; from < items.length; from += CHUNK) {
    answers.push(...(await engine.store.beat(items.slice(from, from + CHUNK))));
  }
  const alive = items.filter((_item, index) => answers[index] === true);
  await beatGates(engine, alive);
  await engine.breakers.renew(alive);
  return answers;
}

type Place = Pick<GateMember, 'member' | 'token'> & { readonly leaseMs: number };

async function beatGates(
  { gates }: Pick<Engine, 'gates'>,
  items: readonly ClaimBeat[],
): Promise<void> {
  const byGate = new Map<string, Place[]>();
  for (const { gate, runId, key, attempt, token, leaseMs } of items) {
    if (gate === undefined) continue;
    const member = memberOf(runId, key, attempt);
    const places = byGate.get(gate) ?? [];
    byGate.set(gate, [...places, { member, token, leaseMs: leaseMs + GATE_MARGIN_MS }]);
  }
  for (const [gate, places] of byGate) await gates.beat(gate, places);
}
