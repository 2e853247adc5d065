import { type Frame, refOf, type Plan, type TaskRow } from '@joinery/core';

/** How many forks, cases and bodies are around a task. */
export function depthOf(plan: Plan, { ref, origin }: TaskRow): number {
  return origin === null ? framesAround(plan, ref) : 1 + framesAround(plan, refOf(origin.fork));
}

function framesAround(plan: Plan, ref: string): number {
  const frame: Frame = plan.nodes.get(ref)?.frame ?? { kind: 'root' };
  switch (frame.kind) {
    case 'branch':
      return 1 + framesAround(plan, frame.fork);
    case 'case':
      return 1 + framesAround(plan, frame.switch);
    case 'body':
      return 1 + framesAround(plan, frame.loop);
    case 'root':
    case 'compensation':
      return 0;
  }
}
