import { initialSlice, runIdOf, type TaskRow, taskKeyOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { conductorWorkflowOf } from './conductor-workflow.ts';
import { workflowRunOf } from './workflow-run.ts';

const id = runIdOf(1, 'abcdefgh1234');
const { run } = initialSlice({
  id,
  definition: 'order',
  definitionVersion: 3,
  planId: 'p',
  priority: 5,
  correlationId: 'c',
  idempotencyKey: 'i',
  traceId: 't',
  input: {},
  variables: {},
  at: 7,
});
const key = taskKeyOf('charge_ref');

function rowOf(attempt: number, status: TaskRow['status']): TaskRow {
  return {
    key,
    ref: key,
    iteration: 0,
    type: 'SIMPLE',
    name: 'charge',
    seq: attempt,
    status,
    attempt,
    dispatch: 1,
    deliveries: 1,
    maxDeliveries: 20,
    rev: 1,
    token: 'secret',
    worker: 'w',
    isSettled: true,
    isTail: false,
    joins: {},
    isOptional: false,
    isPermissive: false,
    priority: 0,
    timeoutMs: 0,
    responseTimeoutMs: 1_500,
    pollTimeoutMs: 0,
    cursor: 0,
    origin: null,
    reason: '',
    scheduledAt: 10,
    firstScheduledAt: 10,
    startedAt: 14,
    endedAt: 20,
  };
}

const rows = [rowOf(1, 'FAILED'), rowOf(2, 'COMPLETED')];
const payloads = new Map([[key, { input: { x: 1 }, output: { y: 2 } }]]);
const view = { run, rows, input: { id: 7 }, output: null, variables: null, payloads };

describe('a run in Conductor’s words', () => {
  it('shows attempts as tasks of their own, linked to each other, without their secrets', () => {
    const shown = conductorWorkflowOf(view);
    const [first, second] = shown.tasks;
    expect(shown).toMatchObject({ workflowId: id, workflowName: 'order', workflowVersion: 3 });
    expect(first).toMatchObject({ retried: true, retryCount: 0, inputData: {}, outputData: {} });
    expect(second).toMatchObject({
      retried: false,
      retryCount: 1,
      retriedTaskId: first?.taskId,
      queueWaitTime: 4,
      inputData: { x: 1 },
      outputData: { y: 2 },
      responseTimeoutSeconds: 2,
    });
    expect(shown.failedReferenceTaskNames).toEqual([key]);
    expect(JSON.stringify(shown)).not.toContain('secret');
  });

  it('is flat in the answer to an execution, or is the task that blocks it', () => {
    const workflow = conductorWorkflowOf(view);
    const below = { ...workflow, workflowId: 'below', status: 'PAUSED' } as const;
    const [task] = workflow.tasks;
    if (task === undefined) throw new Error('it has no tasks');
    const progress = { workflow, requestId: 'r', blocking: { task, workflow: below } };
    expect(workflowRunOf({ ...progress, strategy: 'BLOCKING_WORKFLOW' })).toMatchObject({
      targetWorkflowId: id,
      targetWorkflowStatus: 'RUNNING',
      workflowId: 'below',
      status: 'PAUSED',
    });
    expect(workflowRunOf({ ...progress, strategy: 'TARGET_WORKFLOW' })).toMatchObject({
      responseType: 'TARGET_WORKFLOW',
      targetWorkflowId: id,
      workflowId: id,
      status: 'RUNNING',
      input: { id: 7 },
      requestId: 'r',
      priority: 5,
    });
    expect(workflowRunOf({ ...progress, strategy: 'BLOCKING_TASK' })).toMatchObject({
      referenceTaskName: key,
      taskDefName: 'charge',
      workflowType: 'order',
      targetWorkflowStatus: 'RUNNING',
      status: 'FAILED',
    });
    const none = { ...progress, blocking: null, strategy: 'BLOCKING_TASK' } as const;
    expect(workflowRunOf(none)).toBeNull();
  });
});
