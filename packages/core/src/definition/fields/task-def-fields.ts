import type { TaskDef } from '../task-def.ts';
import {
  carriedOut,
  type FieldFact,
  forPeople,
  ours,
  refused,
  withoutEffect,
} from './field-fact.ts';
import { AUDIT_FIELDS } from './workflow-fields.ts';

/** Every member of a task definition. */
export const TASK_DEF_FIELDS: Readonly<Record<keyof TaskDef, FieldFact>> = {
  name: carriedOut('the key; a run keeps the definition with which it began'),
  description: forPeople('kept as it was given'),
  ownerEmail: forPeople('kept as it was given'),
  inputKeys: forPeople('kept as it was given'),
  outputKeys: forPeople('kept as it was given'),
  baseType: forPeople('kept as it was given'),
  retryCount: carriedOut('attempts after the first; default 3'),
  retryLogic: carriedOut('FIXED, LINEAR_BACKOFF, EXPONENTIAL_BACKOFF'),
  retryDelaySeconds: carriedOut('default 60'),
  backoffScaleFactor: carriedOut('of LINEAR_BACKOFF'),
  maxRetryDelaySeconds: carriedOut('the cap; 0 = none'),
  backoffJitterMs: carriedOut('up to so much on top'),
  retryOn: ours('which errors are retried; default: all'),
  abortOn: ours('which are not'),
  timeoutSeconds: carriedOut('of an attempt, from its start; 0 = none'),
  timeoutPolicy: carriedOut('of the two above and below: RETRY, TIME_OUT_WF, ALERT_ONLY'),
  responseTimeoutSeconds: carriedOut('without an update of the worker; default 3600'),
  pollTimeoutSeconds: carriedOut('until a worker takes it'),
  totalTimeoutSeconds: carriedOut('over all attempts, from the first schedule'),
  concurrentExecLimit: carriedOut('attempts at a time; see [Limits](../limits.md)'),
  rateLimitPerFrequency: carriedOut('attempts that begin in any window'),
  rateLimitFrequencyInSeconds: carriedOut('length of the window; default 1'),
  circuitBreaker: ours('see [Circuit breakers](../circuit-breakers.md)'),
  inputTemplate: carriedOut('fills what the input lacks or has as null'),
  isolationGroupId: refused('there is one queue per task type'),
  executionNameSpace: refused('there is one queue per task type'),
  runtimeMetadata: refused('secrets are named in the input, by `workflow.secrets`'),
  taskStatusListenerEnabled: withoutEffect(
    'there are no listeners; every change of status is in the stream of events',
  ),
  inputSchema: carriedOut('JSON Schema of the input of an attempt; see [Schemas](schemas.md)'),
  outputSchema: carriedOut('JSON Schema of its output'),
  enforceSchema: carriedOut('default false'),
  ...AUDIT_FIELDS,
};
