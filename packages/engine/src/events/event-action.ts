import { createHash } from 'node:crypto';
import {
  type EventAction,
  parseConductorTaskId,
  parseStartWorkflowRequest,
  startRequestOf,
} from '@joinery/contract';
import {
  evaluateTemplate,
  isEndedFromOutside,
  isJsonObject,
  isOperatorType,
  isTerminalTask,
  joineryError,
  type Json,
  type JsonObject,
  parseRunId,
  type RunId,
  type TaskKey,
} from '@joinery/core';
import { type EventAim, type EventLog, type ReceivedEvent } from '@joinery/store';
import { completeTask } from '../tasks/complete-task.ts';
import { type Engine } from '../engine.ts';
import { operateRun } from '../operations/operate-run.ts';
import { startRun } from '../starts/start-run.ts';

/** One action of one handler for one event. */
export interface EventEffect {
  readonly log: EventLog;
  readonly event: ReceivedEvent;
  readonly handler: string;
  readonly index: number;
  readonly action: EventAction;
}

/**
 * Has the effect of one action once, however often it is asked to: a start is keyed, a task is aimed at by its attempt
 * before it is touched, a termination changes nothing the second time. Throws a coded error for what can have no effect.
 */
export async function applyEventAction(engine: Engine, effect: EventEffect): Promise<void> {
  const { action } = effect;
  switch (action.action) {
    case 'start_workflow':
      return startByEvent(engine, effect, action.start_workflow);
    case 'complete_task':
      return endTask(engine, effect, { ...action.complete_task, status: 'COMPLETED' });
    case 'fail_task':
      return endTask(engine, effect, { ...action.fail_task, status: 'FAILED' });
    case 'terminate_workflow': {
      const { workflowId, terminationReason: reason } = action.terminate_workflow;
      const runId = runIdOf(filled(effect.event, workflowId));
      const operation = {
        type: 'terminate',
        reason: asText(filled(effect.event, reason)),
      } as const;
      await operateRun(engine, { runId, operation, requestId: idOf(effect) });
    }
  }
}

/** The same for the same event, handler and action. */
function idOf({ event, handler, index }: EventEffect): string {
  return createHash('sha256').update(`${event.id}\0${handler}\0${index}`).digest('hex');
}

async function startByEvent(
  engine: Engine,
  effect: EventEffect,
  template: JsonObject,
): Promise<void> {
  const { event } = effect;
  const rendered = filled(event, template);
  const request = parseStartWorkflowRequest(rendered);
  const input = {
    ...request.input,
    'conductor.event.messageId': event.id,
    'conductor.event.name': event.sink,
  };
  const idempotencyKey = `event-${idOf(effect)}`;
  await startRun(engine, startRequestOf({ ...request, input, idempotencyKey }));
}

type TaskEnd = Extract<EventAction, { action: 'complete_task' }>['complete_task'] & {
  readonly status: 'COMPLETED' | 'FAILED';
};

async function endTask(engine: Engine, effect: EventEffect, end: TaskEnd): Promise<void> {
  const { log, event } = effect;
  const id = idOf(effect);
  // Found once: in a loop, the reference may mean another task when the event comes again.
  const known = await log.aimOf(id);
  const aim = known ?? (await log.aim(id, await findAim(engine, event, end)));
  const { runId, key, attempt } = aim;
  const row = (await engine.store.read(runId, { rows: [key], data: [], arrivals: [] }))?.rows.get(
    key,
  );
  if (row === undefined || row === null || row.attempt !== attempt) return;
  if (isTerminalTask(row.status)) return;
  if (isOperatorType(row.type) && !isEndedFromOutside(row.type)) {
    const problem = `${row.type} tasks are ended by the engine alone`;
    throw joineryError('JN_REQUEST_INVALID', { what: `task ${key}`, problem });
  }
  const { status } = end;
  const output = filled(event, end.output);
  const reason =
    status === 'FAILED' ? asText(filled(event, end.reasonForIncompletion)).slice(0, 500) : '';
  await completeTask(engine, { runId, key, attempt, token: row.token, status, output, reason });
}

async function findAim(engine: Engine, event: ReceivedEvent, end: TaskEnd): Promise<EventAim> {
  if (end.taskId !== undefined) {
    const text = asText(filled(event, end.taskId));
    const named = parseConductorTaskId(text);
    if (named === null) throw noTask('unknown', text);
    return named;
  }
  const runId = runIdOf(filled(event, end.workflowId ?? null));
  const ref = asText(filled(event, end.taskRefName ?? null));
  const rows = (await engine.store.rows(runId)).filter((row) => row.key === ref || row.ref === ref);
  const open = rows.findLast((row) => !isTerminalTask(row.status)) ?? rows.at(-1);
  if (open === undefined) throw noTask(runId, ref);
  return { runId, key: open.key, attempt: open.attempt };
}

function noTask(runId: string, task: TaskKey | string): Error {
  return joineryError('JN_TASK_NOT_FOUND', { runId, task });
}

function runIdOf(value: Json): RunId {
  const runId = parseRunId(asText(value));
  if (runId === null) throw joineryError('JN_RUN_NOT_FOUND', { runId: asText(value) });
  return runId;
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A template over the event: `${order.id}` is that member of its payload. */
function filled({ payload }: ReceivedEvent, template: Json): Json {
  const rendered = evaluateTemplate(template, (root, [member]) => {
    const value = ownMember(payload, root);
    const found = member === undefined ? value : ownMember(value, member);
    return found === undefined ? { found: false } : { found: true, value: found };
  });
  if (rendered.ok) return rendered.value;
  throw joineryError('JN_REQUEST_INVALID', {
    what: 'template of an event action',
    problem: rendered.error.message,
  });
}

function ownMember(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
