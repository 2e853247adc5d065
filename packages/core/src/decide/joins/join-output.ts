import { nodeAt } from '../../plan/node-at.ts';
import type { Plan, PlanNode } from '../../plan/plan.ts';
import type { DataField } from '../../run/command.ts';
import { refOf, taskKeyOf, type TaskKey } from '../../run/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../run/json.ts';
import { isTerminalTask } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { joinedKeys } from './joined-keys.ts';

/*
 * A join's output is its branches' outputs by reference name, those of a joined join inside it. In a loop the names
 * are those of the definition, without the iteration (Conductor 3.30 adds it: nobody can write such a name).
 */

/** A part of an output that is made of those of other tasks. */
export interface Part {
  readonly row: TaskRow;
  /** The members that are read; null = all. */
  readonly names: readonly string[] | null;
}

/** Loads the outputs of tasks; those without a row are left out. */
export type Members = (keys: readonly TaskKey[]) => ReadonlyMap<TaskRow, Json>;

/** Output of a join; empty outputs are left out. */
export function joinOutput(draft: Draft, { row, names }: Part, membersOf: Members): JsonObject {
  const all = joinedKeys(draft, row);
  const keys = names === null ? all : all.filter((key) => names.includes(refOf(key)));
  const entries = [...membersOf(keys)]
    .filter(([branch]) => isTerminalTask(branch.status))
    .map(([branch, output]) => [branch.ref, output] as const)
    .filter(([, output]) => !isJsonObject(output) || Object.keys(output).length > 0);
  return Object.fromEntries(entries);
}

/** Parts of joins that are asked for beforehand. More are asked for when they are read. */
const WANTED_LIMIT = 1_000;

/** What a join's output is made of, or the branch of it that is named; joined joins included. */
export function wantJoinOutput(
  plan: Plan,
  { node, name }: { readonly node: PlanNode; readonly name?: string | undefined },
  { rows, data }: { readonly rows: Set<TaskKey>; readonly data: Set<DataField> },
): void {
  const { iterations, task } = node;
  const waiting = task.joinOn.filter((ref) => name === undefined || ref === name);
  const seen = new Set<string>();
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    const branch = nodeAt(plan, taskKeyOf(ref, iterations));
    if (branch === undefined || seen.has(ref) || seen.size >= WANTED_LIMIT) continue;
    seen.add(ref);
    rows.add(branch.key);
    if (branch.type === 'JOIN') waiting.push(...branch.task.joinOn);
    else if (branch.type !== 'DO_WHILE') data.add(`o:${branch.key}`);
  }
}
