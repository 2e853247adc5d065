import { type Member } from './process-fleet.ts';
import { type HoldPoint } from './role-messages.ts';
import { type Stage } from './stage.ts';

/** How long a process may take to come to where something is to happen to it; then nothing has happened. */
const COMES_WITHIN_MS = 5_000;

/** True when the process stands still at the place. */
export async function comesTo(member: Member, point: HoldPoint): Promise<boolean> {
  return member.hold(point, COMES_WITHIN_MS).then(
    () => true,
    () => false,
  );
}

/** Kills a process at a place, and has it replaced; answers whether it came there. */
export async function killAt({ fleet }: Stage, victim: Member, point: HoldPoint): Promise<boolean> {
  const isThere = await comesTo(victim, point);
  await fleet.replace(victim);
  return isThere;
}
