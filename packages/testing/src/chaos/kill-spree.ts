import { createSeededEntropy } from '@joinery/kit';
import { setTimeout as delay } from 'node:timers/promises';
import { type ProcessFleet } from './process-fleet.ts';
import { type HoldPoint, type Role } from './role-messages.ts';

/** Where processes are killed. `anywhere`: a scheduler or a sweeper, in the middle of whatever it is doing. */
export const KILL_CLASSES = {
  'in a handler': { role: 'worker', point: 'in-handler' },
  'in the critical section': { role: 'coordinator', point: 'in-critical-section' },
  'between commit and relay': { role: 'coordinator', point: 'before-relay' },
  anywhere: null,
} as const satisfies Readonly<Record<string, { role: Role; point: HoldPoint } | null>>;
/** One of {@link KILL_CLASSES}. */
export type KillClass = keyof typeof KILL_CLASSES;

/** How processes are killed. */
export interface KillSpreeOptions {
  readonly kills: Readonly<Record<KillClass, number>>;
  readonly everyMs: number;
  readonly seed: number;
  /** Called before each kill: the fleet must have work when it is hit. */
  readonly before: (kill: number) => Promise<void>;
}

/** How many kills of each class happened. */
export type KillCount = Readonly<Record<KillClass, number>>;

/** How long a process may take to come to where it is to be killed; then the kill does not count. */
const COMES_WITHIN_MS = 5_000;

/** Kills one process after the other, each at its place, and lets a spare take over. */
export async function killSpree(
  fleet: ProcessFleet,
  { kills, everyMs, seed, before }: KillSpreeOptions,
): Promise<KillCount> {
  const entropy = createSeededEntropy(seed);
  const pick = <T>(items: readonly T[]): T | undefined => items[entropy.seed() % items.length];
  const plan = shuffled(kills, () => entropy.seed());
  const counts: Record<KillClass, number> = {
    'in a handler': 0,
    'in the critical section': 0,
    'between commit and relay': 0,
    anywhere: 0,
  };
  for (const [index, killClass] of plan.entries()) {
    const paced = delay(everyMs);
    await before(index);
    const place = KILL_CLASSES[killClass];
    const role = place?.role ?? pick(['scheduler', 'sweeper'] as const) ?? 'scheduler';
    const victim = pick(fleet.members(role));
    if (victim === undefined) throw new Error(`there is no ${role} to kill`);
    const isThere = place === null || (await comesTo(victim.hold(place.point, COMES_WITHIN_MS)));
    await fleet.replace(victim);
    if (isThere) counts[killClass] += 1;
    await paced;
  }
  return counts;
}

async function comesTo(held: Promise<void>): Promise<boolean> {
  try {
    await held;
    return true;
  } catch {
    return false;
  }
}

function shuffled(kills: KillSpreeOptions['kills'], random: () => number): readonly KillClass[] {
  const names = [
    'in a handler',
    'in the critical section',
    'between commit and relay',
    'anywhere',
  ] as const;
  const plan = names.flatMap((name) => Array.from({ length: kills[name] }, () => name));
  return plan
    .map((name) => ({ name, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ name }) => name);
}
