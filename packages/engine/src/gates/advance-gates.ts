import { callWaiting } from './call-waiting.ts';
import { type Engine } from '../engine.ts';

/** Clocks differ: a gate that is due so soon is advanced, which changes nothing when it is too early. */
const SKEW_MS = 1_000;

/** Frees the places of holders that died, and calls those whose turn it is, of all gates that are due. */
export async function advanceGates(engine: Engine): Promise<void> {
  for (const { gate, at } of await engine.gates.due()) {
    if (at > engine.clock.now() + SKEW_MS) return;
    await callWaiting(engine, await engine.gates.advance(gate));
  }
}
