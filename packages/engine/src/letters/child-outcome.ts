import {
  isJsonObject,
  type JsonObject,
  type OutcomeStatus,
  type RunState,
  type RunStatus,
} from '@joinery/core';
import { type Engine } from '../engine.ts';

/** What a run that has ended means for the task that waits for it. */
export interface ChildOutcome {
  readonly status: OutcomeStatus;
  readonly reason: string;
  readonly output: JsonObject;
}

/** As in Conductor 3.30: TERMINATED becomes CANCELED, the output carries the child's id, the reason the child's. */
export async function childOutcome(engine: Engine, child: RunState): Promise<ChildOutcome> {
  const payload = (await engine.store.payload(child.id, 'run:output')) ?? {};
  const output = isJsonObject(payload) ? payload : { output: payload };
  const name = `${child.definition}/${child.definitionVersion}.${child.id}`;
  const isDone = child.status === 'COMPLETED';
  return {
    status: STATUSES[child.status] ?? 'FAILED',
    reason: isDone ? '' : `Sub workflow ${name} failure reason: ${child.reason}`,
    output: { ...output, subWorkflowId: child.id },
  };
}

const STATUSES: Readonly<Partial<Record<RunStatus, OutcomeStatus>>> = {
  COMPLETED: 'COMPLETED',
  TIMED_OUT: 'TIMED_OUT',
  TERMINATED: 'CANCELED',
};
