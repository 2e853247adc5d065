import { eventSinkOf } from '../../definition/event-sink.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { isJsonObject, type Json, type JsonObject } from '../../run/json.ts';
import type { Draft } from '../slices/draft.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../slices/scope.ts';
import { NO_STEPS } from '../step.ts';
import { failSystemTask, runSystemTask } from './system-task.ts';
import { putWaiting } from './wait.ts';

/** An event's payload, in characters of JSON: it stands in the outbox until it has been published. */
export const EVENT_LIMIT = 256 * 1024;

/**
 * EVENT: publishes its input with what names the run, by a letter, so that it is published at least once. It is over
 * when the letter is written; with asyncComplete it waits until somebody completes it.
 */
export const event: Operator = {
  enter(draft, node) {
    const input = renderWith(draft, node.inputParameters, node);
    if (!input.ok) return failSystemTask(draft, node, input.error.message);
    const written = sinkOf(draft, node);
    const sink = eventSinkOf(written, draft.run, node.ref);
    if (!sink.ok) return failSystemTask(draft, node, sink.reason);
    const payload = payloadOf(draft, input.value);
    const size = JSON.stringify(payload).length;
    if (size > EVENT_LIMIT) {
      const reason = `an event of ${size} characters, at most ${EVENT_LIMIT} are published`;
      return failSystemTask(draft, node, `JN_PAYLOAD_TOO_LARGE: ${reason}`);
    }
    const { key } = node;
    const attempt = (draft.shadow(key)?.attempt ?? 0) + 1;
    draft.send({ type: 'event', key, attempt, part: '', sink: sink.sink, payload });
    const output = { ...payload, event_produced: sink.sink };
    if (!node.task.asyncComplete) {
      return runSystemTask(draft, node, { status: 'COMPLETED', input: input.value, output });
    }
    putWaiting(draft, node, { input: input.value, delayMs: null });
    draft.putData(`o:${key}`, output);
    return NO_STEPS;
  },
};

function sinkOf(draft: Draft, node: PlanNode): Json {
  const rendered = renderWith(draft, node.task.sink ?? '', node);
  return rendered.ok ? rendered.value : null;
}

/** Conductor's members (3.30). */
function payloadOf({ run }: Draft, input: Json): JsonObject {
  return {
    ...(isJsonObject(input) ? input : {}),
    workflowInstanceId: run.id,
    workflowType: run.definition,
    workflowVersion: run.definitionVersion,
    correlationId: run.correlationId,
    taskToDomain: run.domains ?? {},
  };
}
