import type { WorkflowTask } from './workflow-task.ts';
import { isNeverRetried } from './operator-types.ts';

/** Operators whose inside can be tried again as one unit. */
const GROUPS: ReadonlySet<string> = new Set(['DO_WHILE', 'FORK_JOIN', 'FORK_JOIN_DYNAMIC']);

/** How often everything inside a fork or a loop is tried again; 0 = it is no group. */
export function groupRetriesOf({ type, retryPolicy }: WorkflowTask): number {
  return GROUPS.has(type) ? (retryPolicy?.retryCount ?? 0) : 0;
}

/** Why the retry policy of a task would not be carried out; null when it is. */
export function groupRetryProblem({ type, retryPolicy }: WorkflowTask): string | null {
  if (retryPolicy === undefined || !isNeverRetried(type)) return null;
  if (!GROUPS.has(type)) return `a ${type} is over at once, or ended by others`;
  const others = Object.keys(retryPolicy).filter((member) => member !== 'retryCount');
  if (others.length === 0) return null;
  return `a group is tried again at once: it has a retryCount, and no ${others.join(', ')}`;
}
