import { continuationOf, type Continuation } from '../../plan/continuation.ts';
import { nodeAt } from '../../plan/node-at.ts';
import type { Plan } from '../../plan/plan.ts';
import { iterationsOf, refOf, taskKeyOf, type TaskKey } from '../../run/ids.ts';
import type { Reset } from '../../run/run-state.ts';
import { isSuccessfulTask } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { joinsInside } from '../joins/closed-path.ts';
import { isChoice } from '../slices/taken-case.ts';

/*
 * Which tasks a reset takes back, and which joins and loops it opens again in their place. Retry, rerun and restart
 * differ only in where they begin. What follows from a task: what is inside it, what comes after it in its sequence
 * and, at the end of a case or a body, after that; and every join that names any of these. A branch leads nowhere else,
 * so that its neighbours are left alone.
 * Pure, and the same when it is asked again after a part was carried out.
 */

/** What a reset comes to. */
export interface ResetGraph {
  /** Taken back with all that follows from something. */
  readonly gone: ReadonlySet<TaskKey>;
  /** Taken back by themselves: they had failed. */
  readonly retried: ReadonlySet<TaskKey>;
  /** Joins, and loops with the iteration in which they are again. */
  readonly reopened: ReadonlyMap<TaskKey, number>;
  /** The end of the root sequence is still to come. */
  readonly isRootOpen: boolean;
}

/** The extent of a reset over the rows of a run, shadows among them. */
export function resetGraph(plan: Plan, rows: readonly TaskRow[], reset: Reset): ResetGraph {
  const walk = new ResetWalk(plan, rows);
  if (reset.isAll) {
    const gone = new Set(rows.map(({ key }) => key));
    return { gone, retried: new Set(), reopened: new Map(), isRootOpen: true };
  }
  if (reset.isGroup === true) {
    for (const key of reset.keys) walk.takeBackGroup(key);
    return walk;
  }
  for (const key of reset.keys) walk.takeBack(key);
  walk.finish();
  for (const row of rows) if (row.shadow === undefined) walk.revive(row, reset);
  return walk;
}

class ResetWalk implements ResetGraph {
  readonly gone = new Set<TaskKey>();
  readonly retried = new Set<TaskKey>();
  readonly reopened = new Map<TaskKey, number>();
  isRootOpen = false;
  private readonly plan: Plan;
  private readonly rows: ReadonlyMap<TaskKey, TaskRow>;
  private readonly inside = new Map<TaskKey, TaskKey[]>();
  private readonly waiting: TaskKey[] = [];

  constructor(plan: Plan, rows: readonly TaskRow[]) {
    this.plan = plan;
    this.rows = new Map(rows.map((row) => [row.key, row]));
    for (const row of rows) {
      const around = containerOf(plan, row);
      if (around === null) continue;
      const list = this.inside.get(around) ?? [];
      this.inside.set(around, list);
      list.push(row.key);
    }
  }

  /** The task, and all that follows from it. */
  takeBack(key: TaskKey): void {
    if (this.gone.has(key)) return;
    this.gone.add(key);
    this.reopened.delete(key);
    this.waiting.push(key);
  }

  /** A group whose end has not been reached, with its join: nothing outside follows from it yet. */
  takeBackGroup(key: TaskKey): void {
    this.gone.add(key);
    for (const inner of this.inside.get(key) ?? []) this.takeBackGroup(inner);
    for (const join of this.joinOf(key)) this.gone.add(taskKeyOf(join, iterationsOf(key)));
  }

  finish(): void {
    for (let key = this.waiting.pop(); key !== undefined; key = this.waiting.pop()) {
      for (const inner of this.inside.get(key) ?? []) this.takeBack(inner);
      this.follow(key);
    }
  }

  /** A task that has failed, or was canceled, is tried again where it stands. */
  revive(row: TaskRow, { keys }: Reset): void {
    const { key, type, status, cursor, isSettled } = row;
    if (this.gone.has(key)) return;
    // The run that it has ended goes on: it is reached again, like anything that was cut short.
    const isCause = type === 'TERMINATE' && keys.length > 0;
    const isOver = isSuccessfulTask(status) || !isSettled;
    if (isOver && !isCause) return;
    if (isCause) this.gone.add(key);
    else if (isReopened(type)) this.reopen(key, cursor);
    else this.retried.add(key);
  }

  private follow(key: TaskKey): void {
    const origin = this.rows.get(key)?.origin ?? null;
    const node = nodeAt(this.plan, key);
    if (origin !== null) return this.reopenJoins(this.joinOf(origin.fork), iterationsOf(key));
    if (node === undefined) return;
    this.reopenJoins(node.joins, node.iterations);
    if (isChoice(node)) this.reopenJoins(joinsInside(this.plan, node.ref), node.iterations);
    this.goTo(continuationOf(this.plan, node));
  }

  private goTo(next: Continuation): void {
    if (next.type === 'task') this.takeBack(next.key);
    else if (next.type === 'iteration-end') this.reopenLoop(next.loop, next.iteration);
    else if (next.type === 'run-end') this.isRootOpen = true;
  }

  private joinOf(fork: TaskKey): readonly string[] {
    const join = this.plan.nodes.get(refOf(fork))?.join ?? null;
    return join === null ? [] : [join];
  }

  private reopenJoins(refs: readonly string[], iterations: readonly number[]): void {
    for (const ref of refs) {
      const key = taskKeyOf(ref, iterations);
      if (this.gone.has(key) || this.reopened.has(key) || !this.rows.has(key)) continue;
      this.reopen(key, 0);
      this.follow(key);
    }
  }

  private reopenLoop(key: TaskKey, iteration: number): void {
    if (this.gone.has(key)) return;
    const known = this.reopened.get(key);
    if (known !== undefined && known <= iteration) return;
    this.reopen(key, iteration);
    const level = iterationsOf(key).length;
    for (const inner of this.inside.get(key) ?? []) {
      if ((iterationsOf(inner)[level] ?? 0) > iteration) this.takeBack(inner);
    }
    if (known === undefined) this.follow(key);
  }

  private reopen(key: TaskKey, cursor: number): void {
    this.reopened.set(key, Math.min(cursor, this.reopened.get(key) ?? cursor));
  }
}

/** Put back in progress in its place: it waits for others, and they know it by its key. */
function isReopened(type: string): boolean {
  return type === 'JOIN' || type === 'EXCLUSIVE_JOIN' || type === 'DO_WHILE';
}

/** The fork, switch or loop right around a row. */
function containerOf(plan: Plan, { key, ref, origin }: TaskRow): TaskKey | null {
  if (origin !== null) return origin.fork;
  const frame = plan.nodes.get(ref)?.frame ?? { kind: 'root' };
  const iterations = iterationsOf(key);
  switch (frame.kind) {
    case 'root':
    case 'compensation':
      return null;
    case 'branch':
      return taskKeyOf(frame.fork, iterations);
    case 'case':
      return taskKeyOf(frame.switch, iterations);
    case 'body':
      return taskKeyOf(frame.loop, iterations.slice(0, -1));
  }
}
