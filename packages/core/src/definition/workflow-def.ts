import { z } from 'zod';
import type { JsonObject } from '../run/json.ts';
import { conductorObject, jsonObject, requiredText, wholeNumber } from './conductor-object.ts';
import { type Auditable, auditableShape, type SchemaDef, schemaDefSchema } from './task-def.ts';
import { type WorkflowTask, workflowTaskSchema } from './workflow-task.ts';

/** A workflow definition: what a run carries out. */
export interface WorkflowDef extends Auditable {
  readonly name: string;
  readonly description?: string;
  /** Name and version are the key; the highest number is the latest. */
  readonly version: number;
  readonly tasks: readonly WorkflowTask[];
  /** Documentation only. */
  readonly inputParameters: readonly string[];
  /** Template of the run's output; empty: the output of the last task. */
  readonly outputParameters: JsonObject;
  /** Fills what the run's input lacks. */
  readonly inputTemplate: JsonObject;
  /** `workflow.variables` at the start. */
  readonly variables: JsonObject;
  readonly failureWorkflow?: string;
  readonly failureWorkflowVersion?: number;
  readonly schemaVersion: number;
  readonly restartable: boolean;
  /** 0 = none. */
  readonly timeoutSeconds: number;
  readonly timeoutPolicy: 'TIME_OUT_WF' | 'ALERT_ONLY';
  readonly ownerEmail?: string;
  readonly workflowStatusListenerEnabled: boolean;
  readonly workflowStatusListenerSink?: string;
  readonly inputSchema?: SchemaDef;
  readonly outputSchema?: SchemaDef;
  readonly enforceSchema: boolean;
  readonly rateLimitConfig?: JsonObject;
  readonly cacheConfig?: JsonObject;
  readonly maskedFields: readonly string[];
  readonly metadata: JsonObject;
}

const text = z.string().exactOptional();

/** Schema of {@link WorkflowDef} with Conductor's defaults. */
export const workflowDefSchema: z.ZodType<WorkflowDef> = conductorObject(
  {
    ...auditableShape,
    name: requiredText,
    description: text,
    version: wholeNumber().default(1),
    tasks: z.array(workflowTaskSchema).min(1),
    inputParameters: z.array(z.string()).default([]),
    outputParameters: jsonObject.default({}),
    inputTemplate: jsonObject.default({}),
    variables: jsonObject.default({}),
    failureWorkflow: text,
    failureWorkflowVersion: wholeNumber().exactOptional(),
    schemaVersion: z.literal(2).default(2),
    restartable: z.boolean().default(true),
    timeoutSeconds: wholeNumber().default(0),
    timeoutPolicy: z.enum(['TIME_OUT_WF', 'ALERT_ONLY']).default('ALERT_ONLY'),
    ownerEmail: text,
    workflowStatusListenerEnabled: z.boolean().default(false),
    workflowStatusListenerSink: text,
    inputSchema: schemaDefSchema.exactOptional(),
    outputSchema: schemaDefSchema.exactOptional(),
    enforceSchema: z.boolean().default(true),
    rateLimitConfig: jsonObject.exactOptional(),
    cacheConfig: jsonObject.exactOptional(),
    maskedFields: z.array(z.string()).default([]),
    metadata: jsonObject.default({}),
  },
  {
    version: 0,
    schemaVersion: 0,
    restartable: false,
    timeoutSeconds: 0,
    workflowStatusListenerEnabled: false,
    enforceSchema: false,
  },
);
