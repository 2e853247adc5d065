import { z } from 'zod';
import { type CircuitBreakerDef, circuitBreakerSchema } from '../circuit/circuit-settings.ts';
import { parseTemplate } from '../expressions/template.ts';
import type { JsonObject } from '../run/json.ts';
import {
  conductorObject,
  jsonObject,
  moment,
  requiredText,
  wholeNumber,
} from './conductor-object.ts';
import {
  type DefinitionProblem,
  nameIn,
  problemOf,
  problemsOfSchema,
  problemsOfSize,
  throwProblems,
} from './definition-problem.ts';
import { unsupportedMembers } from './supported.ts';

/** What a timeout does. */
export type TimeoutPolicy = 'RETRY' | 'TIME_OUT_WF' | 'ALERT_ONLY';

/** How the delay grows with the attempts. */
export type RetryLogic = 'FIXED' | 'LINEAR_BACKOFF' | 'EXPONENTIAL_BACKOFF';

/** A named schema of Conductor's schema registry. */
export interface SchemaDef {
  readonly name: string;
  readonly version: number;
  readonly type: string;
  readonly data?: JsonObject;
  readonly externalRef?: string;
}

/** Who changed a definition and when, ms since epoch. */
export interface Auditable {
  readonly createTime?: number;
  readonly updateTime?: number;
  readonly createdBy?: string;
  readonly updatedBy?: string;
  readonly ownerApp?: string;
}

/** How a kind of task is retried, timed and fed. Seconds unless the name says otherwise; 0 = no limit. */
export interface TaskDef extends Auditable {
  readonly name: string;
  readonly description?: string;
  readonly ownerEmail?: string;
  readonly inputKeys: readonly string[];
  readonly outputKeys: readonly string[];
  readonly baseType?: string;
  /** Attempts after the first. */
  readonly retryCount: number;
  readonly retryLogic: RetryLogic;
  readonly retryDelaySeconds: number;
  /** LINEAR_BACKOFF only. */
  readonly backoffScaleFactor: number;
  readonly maxRetryDelaySeconds: number;
  readonly backoffJitterMs: number;
  /** Classes of errors that are retried, as patterns with `*`; empty = all. Not in Conductor. */
  readonly retryOn?: readonly string[];
  /** Classes of errors that are not retried, whatever `retryOn` says. Not in Conductor. */
  readonly abortOn?: readonly string[];
  /** Per attempt, from its start. */
  readonly timeoutSeconds: number;
  readonly timeoutPolicy: TimeoutPolicy;
  /** Without an update of the worker. */
  readonly responseTimeoutSeconds: number;
  readonly pollTimeoutSeconds?: number;
  /** Over all attempts, from the first schedule. */
  readonly totalTimeoutSeconds: number;
  readonly concurrentExecLimit?: number;
  readonly rateLimitPerFrequency?: number;
  readonly rateLimitFrequencyInSeconds?: number;
  /** Leaves a target alone whose calls fail. Not in Conductor. */
  readonly circuitBreaker?: CircuitBreakerDef;
  /** Fills what the task's input lacks or has as null. */
  readonly inputTemplate: JsonObject;
  readonly isolationGroupId?: string;
  readonly executionNameSpace?: string;
  readonly runtimeMetadata: readonly string[];
  readonly taskStatusListenerEnabled: boolean;
  readonly inputSchema?: SchemaDef;
  readonly outputSchema?: SchemaDef;
  readonly enforceSchema: boolean;
}

const text = z.string().exactOptional();

/** Members of {@link Auditable}. */
export const auditableShape = {
  createTime: moment.exactOptional(),
  updateTime: moment.exactOptional(),
  createdBy: text,
  updatedBy: text,
  ownerApp: text,
};

/** Schema of {@link SchemaDef}. */
export const schemaDefSchema = conductorObject({
  name: requiredText,
  version: wholeNumber().default(1),
  type: z.string().default('JSON'),
  data: jsonObject.exactOptional(),
  externalRef: text,
});

const taskDefMembers: z.ZodType<TaskDef> = conductorObject(
  {
    ...auditableShape,
    name: requiredText,
    description: text,
    ownerEmail: text,
    inputKeys: z.array(z.string()).default([]),
    outputKeys: z.array(z.string()).default([]),
    baseType: text,
    retryCount: wholeNumber().default(3),
    retryLogic: z.enum(['FIXED', 'LINEAR_BACKOFF', 'EXPONENTIAL_BACKOFF']).default('FIXED'),
    retryDelaySeconds: wholeNumber().default(60),
    backoffScaleFactor: wholeNumber(1).default(1),
    maxRetryDelaySeconds: wholeNumber().default(0),
    backoffJitterMs: wholeNumber().default(0),
    retryOn: z.array(requiredText).exactOptional(),
    abortOn: z.array(requiredText).exactOptional(),
    timeoutSeconds: wholeNumber().default(0),
    timeoutPolicy: z.enum(['RETRY', 'TIME_OUT_WF', 'ALERT_ONLY']).default('TIME_OUT_WF'),
    responseTimeoutSeconds: wholeNumber().default(3600),
    pollTimeoutSeconds: wholeNumber().exactOptional(),
    totalTimeoutSeconds: wholeNumber().default(0),
    concurrentExecLimit: wholeNumber().exactOptional(),
    rateLimitPerFrequency: wholeNumber().exactOptional(),
    rateLimitFrequencyInSeconds: wholeNumber().exactOptional(),
    circuitBreaker: circuitBreakerSchema.exactOptional(),
    inputTemplate: jsonObject.default({}),
    isolationGroupId: text,
    executionNameSpace: text,
    runtimeMetadata: z.array(z.string()).default([]),
    taskStatusListenerEnabled: z.boolean().default(true),
    inputSchema: schemaDefSchema.exactOptional(),
    outputSchema: schemaDefSchema.exactOptional(),
    enforceSchema: z.boolean().default(false),
  },
  {
    retryCount: 0,
    retryDelaySeconds: 0,
    maxRetryDelaySeconds: 0,
    backoffJitterMs: 0,
    timeoutSeconds: 0,
    responseTimeoutSeconds: 0,
    totalTimeoutSeconds: 0,
    taskStatusListenerEnabled: false,
    enforceSchema: false,
  },
);

/**
 * Schema of {@link TaskDef} with Conductor's defaults; except that a response timeout that is left out is not
 * longer than the timeout that is given, where Conductor would refuse its own default.
 */
export const taskDefSchema: z.ZodType<TaskDef> = z.preprocess((input) => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const { responseTimeoutSeconds, timeoutSeconds }: Partial<TaskDef> = input;
  const isShort = typeof timeoutSeconds === 'number' && timeoutSeconds > 0 && timeoutSeconds < 3600;
  if (responseTimeoutSeconds !== undefined || !isShort) return input;
  return { ...input, responseTimeoutSeconds: timeoutSeconds };
}, taskDefMembers);

/** Parses a task definition; throws InvalidInput with every problem in `details.problems`. */
export function parseTaskDef(input: unknown): TaskDef {
  throwProblems(nameIn(input), problemsOfSize(input));
  const parsed = taskDefSchema.safeParse(input);
  if (!parsed.success) {
    throwProblems(nameIn(input), problemsOfSchema(parsed.error, input));
    throw parsed.error;
  }
  throwProblems(parsed.data.name, problemsOfTaskDef(parsed.data, ''));
  return parsed.data;
}

/** What is wrong with a task definition of the right shape; `at` is its own path with a dot at its end. */
export function problemsOfTaskDef(taskDef: TaskDef, at: string): readonly DefinitionProblem[] {
  const { timeoutSeconds, responseTimeoutSeconds, totalTimeoutSeconds } = taskDef;
  const problems = unsupportedMembers('taskDef', taskDef).map(({ member, reason }) =>
    problemOf('JN_DEF_UNSUPPORTED', { path: at + member, feature: member, reason }),
  );
  const shape = (member: string, problem: string): void => {
    problems.push(problemOf('JN_DEF_SHAPE', { path: at + member, problem }));
  };
  if (timeoutSeconds > 0 && responseTimeoutSeconds > timeoutSeconds) {
    shape(
      'responseTimeoutSeconds',
      `${responseTimeoutSeconds} is over timeoutSeconds, ${timeoutSeconds}`,
    );
  }
  if (totalTimeoutSeconds > 0 && timeoutSeconds > totalTimeoutSeconds) {
    shape(
      'timeoutSeconds',
      `${timeoutSeconds} is over totalTimeoutSeconds, ${totalTimeoutSeconds}`,
    );
  }
  const template = parseTemplate(taskDef.inputTemplate);
  if (!template.ok) {
    const { expression, problem, place } = template;
    const path = `${at}inputTemplate${place}`;
    problems.push(problemOf('JN_DEF_EXPRESSION', { path, expression, problem }));
  }
  return problems;
}
