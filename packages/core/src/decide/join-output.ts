import type { Read } from '../expressions/text-expression.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import type { DataField } from '../run/command.ts';
import { taskKeyOf, type TaskKey } from '../run/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../run/json.ts';
import { isTerminalTask } from '../run/status.ts';
import type { TaskRow } from '../run/task-row.ts';
import type { Draft } from './draft.ts';
import { joinedKeys } from './joined-keys.ts';

/*
 * A join's output is its branches' outputs by reference name, those of a joined join inside it. It is not stored: it
 * is put together for who reads it, of what is read.
 */

/** Outputs of joined joins by draft, each made once: joins that name all inner joins would double them per level. */
const innerOutputs = new WeakMap<Draft, Map<TaskKey, JsonObject>>();

/** Output of a join; only the branches that `reads` name are loaded, null = all. */
export function joinOutput(draft: Draft, row: TaskRow, reads: readonly Read[] | null): JsonObject {
  const all = joinedKeys(draft, row);
  const named = reads?.filter((read) => read.root === row.ref).map((read) => read.path[1]);
  const isPartial = named !== undefined && named.every((name) => name !== undefined);
  const keys = isPartial ? all.filter((key) => named.includes(key)) : all;
  const fields = keys
    .filter((key) => draft.plan.nodes.get(key)?.type !== 'JOIN')
    .map((key): DataField => `o:${key}`);
  draft.require({ rows: keys, data: fields, arrivals: [] });
  const entries = keys
    .map((key) => draft.row(key))
    .filter((branch) => branch !== null)
    .filter((branch) => isTerminalTask(branch.status))
    .map((branch) => [branch.key, outputOf(draft, branch)] as const)
    .filter(([, output]) => !isJsonObject(output) || Object.keys(output).length > 0);
  return Object.fromEntries(entries);
}

function outputOf(draft: Draft, row: TaskRow): Json {
  if (row.type !== 'JOIN') return draft.data(`o:${row.key}`) ?? {};
  const known = innerOutputs.get(draft) ?? new Map<TaskKey, JsonObject>();
  innerOutputs.set(draft, known);
  const output = known.get(row.key) ?? joinOutput(draft, row, null);
  known.set(row.key, output);
  return output;
}

/** Parts of joins that are asked for beforehand. More are asked for when they are read. */
const WANTED_LIMIT = 1_000;

/** What a join's output is made of, or the branch of it that is named; joined joins included. */
export function wantJoinOutput(
  plan: Plan,
  { node, name }: { readonly node: PlanNode; readonly name?: string | undefined },
  { rows, data }: { readonly rows: Set<TaskKey>; readonly data: Set<DataField> },
): void {
  const waiting = node.task.joinOn.filter((ref) => name === undefined || ref === name);
  const seen = new Set<string>();
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    const branch = plan.nodes.get(ref);
    const key = taskKeyOf(ref);
    if (branch === undefined || seen.has(ref) || seen.size >= WANTED_LIMIT) continue;
    seen.add(ref);
    rows.add(key);
    if (branch.type === 'JOIN') waiting.push(...branch.task.joinOn);
    else data.add(`o:${key}`);
  }
}
