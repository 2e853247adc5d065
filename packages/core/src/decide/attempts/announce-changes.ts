import { eventSinkOf } from '../../definition/event-sink.ts';
import type { HeardState, StateListener } from '../../definition/state-change.ts';
import { nodeAt } from '../../plan/node-at.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { taskIdOf } from '../../run/ids.ts';
import { isJsonObject, type JsonObject } from '../../run/json.ts';
import { isSuccessfulTask, isTerminalTask, type TaskStatus } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { EVENT_LIMIT } from '../operators/event.ts';
import type { Draft } from '../slices/draft.ts';
import { renderWith } from '../slices/scope.ts';

/*
 * `onStateChange`: what the tasks of a decision have come to is told by event letters of that same decision. Found by
 * comparing the rows that it puts with those that it was made on, so that no operator can forget it; a letter's name
 * follows from task, attempt and state, so that a decision that is made again tells nothing twice.
 */

/** A state to which an attempt has come. */
interface Change {
  readonly row: TaskRow;
  readonly state: HeardState;
}

/** Send the events of which the definition says that somebody hears. */
export function announceChanges(draft: Draft): void {
  if (!draft.plan.hasListeners) return;
  for (const { before, after } of draft.changes) {
    for (const change of changesOf(before, after)) announce(draft, change);
  }
}

function changesOf(before: TaskRow | null, after: TaskRow): readonly Change[] {
  const wasOpen = before !== null && !before.isSettled;
  const isNext = before === null || before.attempt < after.attempt;
  const isBegun = isNext && after.shadow === undefined && after.status !== 'SKIPPED';
  const isOver = after.isSettled && isTerminalTask(after.status) && (isNext ? isBegun : wasOpen);
  return [
    // Given up for the next attempt.
    ...(wasOpen && isNext ? endOf(before) : []),
    ...(isBegun ? [{ row: after, state: 'onScheduled' } as const] : []),
    ...(isOver ? endOf(after) : []),
  ];
}

function endOf(row: TaskRow): readonly Change[] {
  const state = stateOf(row.status);
  return state === null ? [] : [{ row, state }];
}

function stateOf(status: TaskStatus): HeardState | null {
  if (status === 'SKIPPED') return null;
  if (status === 'CANCELED') return 'onCancelled';
  return isSuccessfulTask(status) ? 'onSuccess' : 'onFailed';
}

function announce(draft: Draft, { row, state }: Change): void {
  const node = nodeAt(draft.plan, row.key);
  const { key, attempt } = row;
  for (const [index, listener] of (node?.listeners ?? []).entries()) {
    if (node === undefined || listener.state !== state) continue;
    // That a sink comes of the text was seen when the definition was parsed.
    const sink = eventSinkOf(listener.sink, draft.run, row.ref);
    if (!sink.ok) continue;
    const payload = payloadOf(draft, node, { listener, row });
    draft.send({
      type: 'event',
      key,
      attempt,
      part: `:${state}${index}`,
      sink: sink.sink,
      payload,
    });
  }
}

/** What is written, and what names the task; a payload that cannot be had, or is too large, is left out. */
function payloadOf(
  draft: Draft,
  node: PlanNode,
  { listener, row }: { readonly listener: StateListener; readonly row: TaskRow },
): JsonObject {
  const { run } = draft;
  const named = {
    workflowInstanceId: run.id,
    workflowType: run.definition,
    workflowVersion: run.definitionVersion,
    correlationId: run.correlationId,
    taskId: taskIdOf(run.id, row.key),
    taskReferenceName: row.key,
    attempt: row.attempt,
    status: row.status,
    state: listener.state,
  };
  const rendered = renderWith(draft, listener.payload, node);
  if (!rendered.ok) return { ...named, problem: rendered.error.message };
  const payload = { ...(isJsonObject(rendered.value) ? rendered.value : {}), ...named };
  if (JSON.stringify(payload).length <= EVENT_LIMIT) return payload;
  return { ...named, problem: `JN_PAYLOAD_TOO_LARGE: more than ${EVENT_LIMIT} characters` };
}
