import type { Plan } from '../../plan/plan.ts';
import type { DataField } from '../../run/command.ts';
import { iterationsOf, refOf, taskKeyOf, type TaskKey } from '../../run/ids.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { isChoice, takenCase } from '../slices/taken-case.ts';

/*
 * A path is closed when a switch has taken another one: what is on it is never scheduled, and a join that names it
 * does not wait for it. The switch tells such joins when it is settled, in the place of the tasks that cannot.
 */

/** A task on a case of a switch, at any depth, with the joins that name it. */
interface Joined {
  readonly case: string | null;
  readonly ref: string;
  readonly joins: readonly string[];
}

/** By plan, then by switch: derived once, plans live long. */
const joinedInside = new WeakMap<Plan, ReadonlyMap<string, readonly Joined[]>>();

/** The arrivals at joins that a settled switch has made impossible. */
export function closedArrivals(
  draft: Draft,
  row: TaskRow,
): readonly { readonly join: TaskKey; readonly key: TaskKey }[] {
  const node = draft.plan.nodes.get(row.ref);
  const inside = joinedOf(draft.plan).get(row.ref) ?? [];
  if (node === undefined || inside.length === 0) return [];
  const taken = takenCase(draft, node, row);
  return joinedAt(
    inside.filter((joined) => taken === null || joined.case !== taken.name),
    row.key,
  );
}

function joinedAt(
  inside: readonly Joined[],
  around: TaskKey,
): readonly { readonly join: TaskKey; readonly key: TaskKey }[] {
  const iterations = iterationsOf(around);
  return inside.flatMap(({ ref, joins }) =>
    joins.map((join) => ({ join: taskKeyOf(join, iterations), key: taskKeyOf(ref, iterations) })),
  );
}

/** What a switch may have told joins, whichever case it has taken. */
export function arrivalsInside(
  plan: Plan,
  { ref, key }: Pick<TaskRow, 'ref' | 'key'>,
): readonly { readonly join: TaskKey; readonly key: TaskKey }[] {
  return joinedAt(joinedOf(plan).get(ref) ?? [], key);
}

/** The joins that a switch may have to tell that it has ruled out what they wait for. */
export function joinsInside(plan: Plan, switchRef: string): readonly string[] {
  return (joinedOf(plan).get(switchRef) ?? []).flatMap(({ joins }) => joins);
}

/** True when the task has no row and never will have one. */
export function isOnClosedPath(draft: Draft, key: TaskKey): boolean {
  for (const frame of framesOf(draft.plan, key)) {
    const row = draft.row(frame.key);
    if (row === null) continue;
    const node = draft.plan.nodes.get(row.ref);
    if (node === undefined || !isChoice(node) || !row.isSettled) return false;
    const taken = takenCase(draft, node, row);
    return taken === null || taken.name !== frame.case;
  }
  return false;
}

/** What `isOnClosedPath` may read for these tasks. */
export function closedPathNeeds(
  plan: Plan,
  keys: readonly TaskKey[],
): { readonly rows: readonly TaskKey[]; readonly data: readonly DataField[] } {
  const frames = keys.flatMap((key) => framesOf(plan, key));
  const around = new Map(frames.map((frame) => [frame.key, frame.isSwitch]));
  const switches = [...around].filter(([, isSwitch]) => isSwitch).map(([key]) => key);
  return { rows: [...around.keys()], data: switches.map((key): DataField => `o:${key}`) };
}

interface Around {
  readonly ref: string;
  readonly key: TaskKey;
  readonly isSwitch: boolean;
  readonly case: string | null;
}

/**
 * The forks and switches around a task up to its loop, innermost first: joins do not reach out of loops. Empty for
 * tasks made at run time.
 */
function framesOf(plan: Plan, key: TaskKey): readonly Around[] {
  const frames: Around[] = [];
  const iterations = iterationsOf(key);
  let frame = plan.nodes.get(refOf(key))?.frame;
  while (frame?.kind === 'case' || frame?.kind === 'branch') {
    const isSwitch = frame.kind === 'case';
    const ref = frame.kind === 'case' ? frame.switch : frame.fork;
    const around = { ref, key: taskKeyOf(ref, iterations) };
    frames.push({ ...around, isSwitch, case: frame.kind === 'case' ? frame.case : null });
    frame = plan.nodes.get(ref)?.frame;
  }
  return frames;
}

function joinedOf(plan: Plan): ReadonlyMap<string, readonly Joined[]> {
  const known = joinedInside.get(plan);
  if (known !== undefined) return known;
  const bySwitch = new Map<string, Joined[]>();
  for (const { ref, joins } of plan.nodes.values()) {
    for (const frame of joins.length === 0 ? [] : framesOf(plan, taskKeyOf(ref))) {
      if (!frame.isSwitch) continue;
      const list = bySwitch.get(frame.ref) ?? [];
      bySwitch.set(frame.ref, list);
      list.push({ case: frame.case, ref, joins });
    }
  }
  joinedInside.set(plan, bySwitch);
  return bySwitch;
}
