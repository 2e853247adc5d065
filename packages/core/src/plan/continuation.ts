import type { Frame, Plan, PlanNode } from './plan.ts';

/** What comes after a task that is done with. */
export type Continuation =
  | { readonly type: 'task'; readonly ref: string }
  /** Its branch is at its end: the join waits for others. */
  | { readonly type: 'branch-end'; readonly fork: string }
  | { readonly type: 'run-end' };

/** Next sibling; at the end of a case that of its switch, and so on outwards; at the end of a branch nothing. */
export function continuationOf(plan: Plan, node: PlanNode): Continuation {
  let current: PlanNode | undefined = node;
  while (current !== undefined) {
    if (current.next !== null) return { type: 'task', ref: current.next };
    const frame: Frame = current.frame;
    if (frame.kind === 'branch') return { type: 'branch-end', fork: frame.fork };
    current = frame.kind === 'case' ? plan.nodes.get(frame.switch) : undefined;
  }
  return { type: 'run-end' };
}
