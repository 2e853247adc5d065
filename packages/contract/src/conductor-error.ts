import { type ErrorCode, type JoineryError } from '@joinery/core';

/** What Conductor's clients read from the answer to a failed request, and our code beside it. */
export interface ConductorError {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** Name of the process that answered. */
  readonly instance?: string;
  /** The same request may succeed later. */
  readonly retryable: boolean;
  readonly validationErrors?: readonly ValidationError[];
  /** Every problem of a definition or request, when there are several. */
  readonly problems?: readonly unknown[];
}

/** One field of a request that is wrong. */
export interface ValidationError {
  readonly path: string;
  readonly message: string;
}

/** Messages that clients compare; Conductor OSS 3.30. Every other code keeps ours. */
const MESSAGES: Partial<Record<ErrorCode, string>> = {
  JN_RUN_NOT_FOUND: 'No such workflow found by id: {runId}',
  JN_DEF_NOT_FOUND: 'No such workflow found by name: {name}, version: {version}',
  JN_TASK_DEF_NOT_FOUND: 'No such taskType found by name: {name}',
  JN_TASK_NOT_FOUND: 'No such task found by id: {task}',
  JN_DEF_EXISTS: 'Workflow with {name}.{version} already exists!',
};

/** The message of an error as Conductor words it. */
export function conductorMessageOf(error: JoineryError): string {
  const template = MESSAGES[error.code];
  if (template === undefined) return error.message;
  return template.replace(/\{(\w+)\}/g, (_hole, name: string) => {
    const value = Object.hasOwn(error.details, name) ? error.details[name] : '';
    return String(value).slice(0, 300);
  });
}

/** The message under which Conductor's clients know a request with wrong fields. */
export const VALIDATION_MESSAGE = 'Validation failed, check below errors for detail.';
