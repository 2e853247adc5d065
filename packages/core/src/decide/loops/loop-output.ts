import { walkTasks } from '../../definition/walk-tasks.ts';
import type { Plan, PlanNode } from '../../plan/plan.ts';
import type { DataField } from '../../run/command.ts';
import { iterationsOf, taskKeyOf, type TaskKey } from '../../run/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../run/json.ts';
import { isTerminalTask } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import type { Members, Part } from '../joins/join-output.ts';

/*
 * A loop's output: `iteration`, the number of the last one; per iteration the outputs of the tasks of its body, by
 * reference name; with items, the last one as `loopItem` and its place, from 0, as `loopIndex` (Conductor 3.30). Who
 * reads one of these reads nothing else: a loop's thousandth iteration costs what its tenth does.
 */

/** Output of a loop. */
export function loopOutput(draft: Draft, { row, names }: Part, membersOf: Members): JsonObject {
  const isRead = (name: string): boolean => names === null || names.includes(name);
  return {
    ...(isRead('iteration') ? { iteration: row.cursor } : {}),
    ...(isRead('loopItem') || isRead('loopIndex') ? itemOf(draft, row) : {}),
    ...iterationOutputs(draft, { row, names }, membersOf),
  };
}

/** The item of the iteration that a loop is at; nothing for loops without items. */
export function itemOf(draft: Draft, row: TaskRow): JsonObject {
  const items = itemsOf(draft, row);
  if (items === null || row.cursor === 0) return {};
  return { loopItem: items[row.cursor - 1] ?? null, loopIndex: row.cursor - 1 };
}

/** The list that a loop goes through, fixed with its row; null when there is none. */
export function itemsOf(draft: Draft, row: TaskRow): readonly Json[] | null {
  const input = draft.data(`i:${row.key}`) ?? {};
  const items = isJsonObject(input) ? (input['_items'] ?? null) : null;
  return isList(items) ? items : null;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function iterationOutputs(draft: Draft, { row, names }: Part, membersOf: Members): JsonObject {
  const named = names?.filter((name) => isIteration(name, row)).map(Number);
  if (row.cursor === 0 || named?.length === 0) return {};
  const first = Math.max(1, row.cursor + 1 - keepLastN(draft, row));
  const numbers =
    named === undefined
      ? Array.from({ length: row.cursor + 1 - first }, (_, index) => first + index)
      : [...new Set(named)].filter((number) => number >= first);
  const keys = numbers.flatMap((number) => bodyKeys(draft.plan, row, number));
  const outputs = new Map(numbers.map((number): [number, Record<string, Json>] => [number, {}]));
  for (const [task, output] of membersOf(keys)) {
    const own = outputs.get(task.iteration);
    if (own !== undefined && isTerminalTask(task.status)) own[task.ref] = output;
  }
  return Object.fromEntries(outputs);
}

/** Whether a member of a loop's output is one of its iterations so far. */
function isIteration(name: string, { cursor }: TaskRow): boolean {
  return /^[1-9]\d*$/.test(name) && Number(name) <= cursor;
}

/** How many iterations a loop shows; all, unless its input says less. */
function keepLastN(draft: Draft, row: TaskRow): number {
  const input = draft.data(`i:${row.key}`) ?? {};
  const told = isJsonObject(input) ? input['keepLastN'] : null;
  return typeof told === 'number' && told >= 1 ? Math.floor(told) : Number.POSITIVE_INFINITY;
}

function bodyKeys(plan: Plan, loop: TaskRow, iteration: number): readonly TaskKey[] {
  const iterations = [...iterationsOf(loop.key), iteration];
  return bodyOf(plan, loop.ref).map(({ ref }) => taskKeyOf(ref, iterations));
}

/** By plan, then by loop: derived once, plans live long. */
const bodies = new WeakMap<Plan, Map<string, readonly PlanNode[]>>();

/** The tasks of a loop's body at any depth, those of inner loops excepted. */
export function bodyOf(plan: Plan, loop: string): readonly PlanNode[] {
  const byLoop = bodies.get(plan) ?? new Map<string, readonly PlanNode[]>();
  bodies.set(plan, byLoop);
  const known = byLoop.get(loop);
  if (known !== undefined) return known;
  const tasks = plan.nodes.get(loop)?.task.loopOver ?? [];
  const nodes = [...walkTasks([{ tasks, path: '', depth: 1 }])]
    .map(({ task }) => plan.nodes.get(task.taskReferenceName))
    .filter((node) => node?.loops.at(-1) === loop && node.frame.kind !== 'compensation')
    .filter((node) => node !== undefined);
  byLoop.set(loop, nodes);
  return nodes;
}

/** What one member of a loop's output is made of. All of it is asked for when it is read. */
export function wantLoopOutput(
  plan: Plan,
  { node, name }: { readonly node: PlanNode; readonly name?: string | undefined },
  { rows, data }: { readonly rows: Set<TaskKey>; readonly data: Set<DataField> },
): void {
  if (name === undefined || name === 'iteration') return;
  data.add(`i:${node.key}`);
  if (!/^\d+$/.test(name)) return;
  const iterations = [...node.iterations, Number(name)];
  for (const { ref, type } of bodyOf(plan, node.ref)) {
    const key = taskKeyOf(ref, iterations);
    rows.add(key);
    if (type !== 'JOIN' && type !== 'DO_WHILE') data.add(`o:${key}`);
  }
}
