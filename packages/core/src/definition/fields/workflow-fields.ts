import type { Auditable } from '../task-def.ts';
import type { WorkflowDef } from '../workflow-def.ts';
import { carriedOut, type FieldFact, forPeople, refused, withoutEffect } from './field-fact.ts';

/** Who has written a definition, and when. */
export const AUDIT_FIELDS: Readonly<Record<keyof Auditable, FieldFact>> = {
  createTime: forPeople('kept as it was given'),
  updateTime: forPeople('kept as it was given'),
  createdBy: forPeople('kept as it was given'),
  updatedBy: forPeople('kept as it was given'),
  ownerApp: forPeople('kept as it was given'),
};

/** Every member of a workflow definition. */
export const WORKFLOW_FIELDS: Readonly<Record<keyof WorkflowDef, FieldFact>> = {
  name: carriedOut('name and version are the key'),
  version: carriedOut(
    'a run keeps the version with which it began; the highest number is the latest',
  ),
  description: forPeople('kept as it was given'),
  tasks: carriedOut('in order; see the members of a task'),
  inputParameters: forPeople('names what the input should hold; `inputSchema` enforces it'),
  outputParameters: carriedOut('template of the output; empty: the output of the last task'),
  inputTemplate: carriedOut('fills what the input lacks'),
  variables: carriedOut('`workflow.variables` at the start'),
  failureWorkflow: carriedOut('started when a run fails by itself; a name or an expression'),
  failureWorkflowVersion: carriedOut('default: the latest'),
  schemaVersion: carriedOut('must be 2'),
  restartable: carriedOut('false: a COMPLETED run cannot be restarted'),
  timeoutSeconds: carriedOut('of the whole run; 0 = none; by a timer of its own'),
  timeoutPolicy: carriedOut('TIME_OUT_WF ends the run; ALERT_ONLY leaves an event in its history'),
  ownerEmail: forPeople('kept as it was given'),
  workflowStatusListenerEnabled: withoutEffect(
    'there are no listeners; every change of status is in the stream of events',
  ),
  workflowStatusListenerSink: refused('there are no listeners; publish with an EVENT task'),
  inputSchema: carriedOut('JSON Schema of the input; see [Schemas](schemas.md)'),
  outputSchema: carriedOut('JSON Schema of the output'),
  enforceSchema: carriedOut('false: the schemas are kept and not enforced'),
  rateLimitConfig: refused('runs are not limited in number; limit their tasks'),
  cacheConfig: refused('the results of whole runs are not cached'),
  maskedFields: refused('payloads are not masked; hand out secrets by `workflow.secrets`'),
  metadata: forPeople('kept as it was given'),
  ...AUDIT_FIELDS,
};
