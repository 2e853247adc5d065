import type { Read } from '../../expressions/text-expression.ts';
import { nodeAt } from '../../plan/node-at.ts';
import type { Plan } from '../../plan/plan.ts';
import type { DataField } from '../../run/command.ts';
import type { TaskKey } from '../../run/ids.ts';
import type { Json } from '../../run/json.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { joinOutput, wantJoinOutput } from '../joins/join-output.ts';
import { loopOutput, wantLoopOutput } from '../loops/loop-output.ts';

/*
 * What a task yields. Joins and loops store nothing: theirs is put together for who reads it, of what is read.
 */

/** Whole outputs of joins and loops by draft, each made once: what names all inner ones would double them per level. */
const wholeOutputs = new WeakMap<Draft, Map<TaskKey, Json>>();

/** Output of a task; of a join or a loop only the members that `reads` name are loaded, null = all. */
export function outputOf(draft: Draft, row: TaskRow, reads: readonly Read[] | null): Json {
  if (!isComposed(row)) return draft.data(`o:${row.key}`) ?? {};
  const names = namesIn(row.ref, reads);
  if (names !== null) return composed(draft, row, names);
  const known = wholeOutputs.get(draft) ?? new Map<TaskKey, Json>();
  wholeOutputs.set(draft, known);
  const output = known.get(row.key) ?? composed(draft, row, null);
  known.set(row.key, output);
  return output;
}

/** True for tasks whose output is made of those of others. */
export function isComposed({ type }: Pick<TaskRow, 'type'>): boolean {
  return type === 'JOIN' || type === 'DO_WHILE';
}

function composed(draft: Draft, row: TaskRow, names: readonly string[] | null): Json {
  const compose = row.type === 'JOIN' ? joinOutput : loopOutput;
  return compose(draft, { row, names }, (keys) => membersOf(draft, keys));
}

/** Outputs of the tasks of these keys that have a row. */
function membersOf(draft: Draft, keys: readonly TaskKey[]): ReadonlyMap<TaskRow, Json> {
  const fields = keys
    .filter((key) => !isComposed(nodeAt(draft.plan, key) ?? { type: '' }))
    .map((key): DataField => `o:${key}`);
  draft.require({ rows: keys, data: fields, arrivals: [] });
  const rows = keys.map((key) => draft.row(key)).filter((row) => row !== null);
  return new Map(rows.map((row) => [row, outputOf(draft, row, null)]));
}

/** The members of an output that are read by name; null when all of it is read. */
function namesIn(ref: string, reads: readonly Read[] | null): readonly string[] | null {
  const paths = reads?.filter(({ root }) => root === ref).map(({ path }) => path);
  const outputs = paths?.filter(([first]) => first === undefined || first === 'output');
  const names = outputs?.map(([, name]) => name) ?? [undefined];
  return names.every((name) => name !== undefined) ? names : null;
}

/** What the output of a task is read from, or the member of it that the path names. */
export function wantOutput(
  plan: Plan,
  { key, path }: { readonly key: TaskKey; readonly path: readonly string[] },
  wanted: { readonly rows: Set<TaskKey>; readonly data: Set<DataField> },
): void {
  const node = nodeAt(plan, key);
  if (node?.type === 'JOIN') wantJoinOutput(plan, { node, name: path[1] }, wanted);
  else if (node?.type === 'DO_WHILE') wantLoopOutput(plan, { node, name: path[1] }, wanted);
  else wanted.data.add(`o:${key}`);
}
