import { taskKeyOf, type TaskKey } from '../run/ids.ts';
import type { Frame, Plan, PlanNode } from './plan.ts';

/** What comes after a task that is done with. */
export type Continuation =
  | { readonly type: 'task'; readonly key: TaskKey }
  /** Its branch is at its end: the join waits for others. */
  | { readonly type: 'branch-end'; readonly fork: string }
  /** The body of its loop is at its end. */
  | { readonly type: 'iteration-end'; readonly loop: TaskKey; readonly iteration: number }
  /** What it takes back is taken back. */
  | { readonly type: 'compensation-end' }
  | { readonly type: 'run-end' };

/** Next sibling; at the end of a case that of its switch, and so on outwards; a branch or a body ends by itself. */
export function continuationOf(plan: Plan, node: PlanNode): Continuation {
  const { iterations } = node;
  let current: PlanNode | undefined = node;
  while (current !== undefined) {
    if (current.next !== null) return { type: 'task', key: taskKeyOf(current.next, iterations) };
    const frame: Frame = current.frame;
    if (frame.kind === 'branch') return { type: 'branch-end', fork: frame.fork };
    if (frame.kind === 'compensation') return { type: 'compensation-end' };
    if (frame.kind === 'body') {
      const loop = taskKeyOf(frame.loop, iterations.slice(0, -1));
      return { type: 'iteration-end', loop, iteration: iterations.at(-1) ?? 0 };
    }
    current = frame.kind === 'case' ? plan.nodes.get(frame.switch) : undefined;
  }
  return { type: 'run-end' };
}
