import { setImmediate as turn } from 'node:timers/promises';
import { type Flight } from './flight.ts';
import { isLate } from './tally.ts';

/** How a margin is computed. */
export interface MarginOptions {
  /** How often the flights are drawn anew; more makes it steadier and takes longer. */
  readonly resamples: number;
  /** The same seed gives the same margin. */
  readonly seed: string;
  /** Ends the work early, with its reason. */
  readonly signal?: AbortSignal;
}

/** Draws between two looks at the rest of the process: about 5 ms. A worker that holds its loop for 3 s loses its claim. */
const DRAWS_PER_TURN = 1_000_000;

/**
 * How far the share of late flights may be from the truth, in per cent points with one decimal: half of the middle 95 %
 * of what it is among flights drawn from these with replacement.
 */
export async function lateMargin(
  flights: readonly Flight[],
  { resamples, seed, signal }: MarginOptions,
): Promise<number> {
  if (flights.length === 0) return 0;
  const late = Uint8Array.from(flights, (flight) => (isLate(flight) ? 1 : 0));
  const random = randomFrom(seed);
  const counts = new Uint32Array(resamples);
  let draws = 0;
  for (let index = 0; index < resamples; index += 1) {
    counts[index] = drawLate(late, random);
    draws += late.length;
    if (draws < DRAWS_PER_TURN) continue;
    draws = 0;
    await turn();
    signal?.throwIfAborted();
  }
  counts.sort();
  const at = (share: number): number => counts[Math.floor(share * (resamples - 1))] ?? 0;
  return Math.round((1_000 * (at(0.975) - at(0.025))) / late.length / 2) / 10;
}

function drawLate(late: Uint8Array, random: () => number): number {
  let count = 0;
  for (let draw = 0; draw < late.length; draw += 1) {
    count += late[Math.floor(random() * late.length)] ?? 0;
  }
  return count;
}

/** Numbers in [0, 1): mulberry32, seeded with the FNV-1a hash of a text. */
function randomFrom(seed: string): () => number {
  let state = 0x811c9dc5;
  for (const char of seed) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
