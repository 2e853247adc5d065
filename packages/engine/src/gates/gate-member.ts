import { isGated, type RunId, type TaskKey, taskIdOf, type TaskRow } from '@joinery/core';
import { type GateMember } from '@joinery/store';

/** An attempt as the gate of its task definition knows it; null = nothing limits it. */
export function gateMemberOf(
  runId: RunId,
  row: Pick<TaskRow, 'key' | 'attempt' | 'limits'>,
  token: string,
): GateMember | null {
  if (row.limits === undefined || !isGated(row.limits)) return null;
  return { gate: row.limits.gate, member: memberOf(runId, row.key, row.attempt), token };
}

/** The name of an attempt at its gate: the same for all its deliveries. */
export function memberOf(runId: RunId, key: TaskKey, attempt: number): string {
  return `${taskIdOf(runId, key)}.${attempt}`;
}

/** The gate at which an attempt has a place; undefined: it needs none. */
export function gateOf({ limits }: Pick<TaskRow, 'limits'>): string | undefined {
  return limits !== undefined && isGated(limits) ? limits.gate : undefined;
}
