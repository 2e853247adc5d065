import { joineryError, type Json, type JsonObject, typeInDomain } from '@joinery/core';
import {
  checkAgainst,
  describeIssues,
  type SchemaIssue,
  type StandardSchema,
} from './standard-schema.ts';
import type { TaskContext } from './task-context.ts';

/** How tasks of one type are run. */
export interface TaskSpec<Input, Output> {
  /** The task's name in definitions (`name` of a SIMPLE task); also its queue. */
  readonly type: string;
  /** zod or any other Standard Schema. An input that does not fit fails the task without a retry. */
  readonly input?: StandardSchema<Input>;
  /** Checks what `run` returns; what it makes of it is stored. */
  readonly output?: StandardSchema<Output>;
  /** How many of this type one worker runs at once. Default 10. */
  readonly concurrency?: number;
  /**
   * Runs one attempt. May run more than once for the same task (at-least-once): use `ctx.idempotencyKey` where that
   * matters. Throw TerminalError for what no retry can heal.
   */
  readonly run: (input: Input, ctx: TaskContext) => Output | Promise<Output>;
}

/** A task type as a worker holds it: its schemas and handler behind one function. */
export interface Task {
  readonly [taskMark]: true;
  readonly type: string;
  readonly concurrency: number;
  /** Checks the input, runs the handler, checks what it returned. Throws what the handler throws. */
  readonly execute: (input: Json, ctx: TaskContext) => Promise<unknown>;
}

/** By `Symbol.for`, so that a task is known as one across two copies of this package. */
const taskMark = Symbol.for('@joinery/worker/task');

/** What one worker runs at once of a type that does not say: enough for I/O, little for CPU. */
const defaultConcurrency = 10;

/** Defines a task type. Throws JN_REQUEST_INVALID for a type or concurrency that cannot work. */
export function defineTask<Input = JsonObject, Output = unknown>(
  spec: TaskSpec<Input, Output>,
): Task {
  const { type, concurrency = defaultConcurrency } = spec;
  if (typeof type !== 'string' || type.trim() === '') {
    throw joineryError('JN_REQUEST_INVALID', { what: 'task', problem: 'it has no type' });
  }
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    const problem = `concurrency ${concurrency} is not a whole number from 1`;
    throw joineryError('JN_REQUEST_INVALID', { what: `task ${type}`, problem });
  }
  return {
    [taskMark]: true,
    type,
    concurrency,
    execute: (input, ctx) => execute(spec, input, ctx),
  };
}

/** The same task for runs that have that domain for its type: its queue is that of `<domain>:<type>`. */
export function inDomain(task: Task, domain: string): Task {
  if (domain === '') return task;
  return { ...task, type: typeInDomain({ [task.type]: domain }, task.type) };
}

/** True for what `defineTask` returned, also in another copy of this package. */
export function isTask(value: unknown): value is Task {
  return typeof value === 'object' && value !== null && taskMark in value;
}

/** A spec whose types are known to its schemas alone; its `run` gets what they let through. */
interface AnySpec {
  readonly type: string;
  readonly input?: StandardSchema<unknown>;
  readonly output?: StandardSchema<unknown>;
  run(input: unknown, ctx: TaskContext): unknown;
}

async function execute(spec: AnySpec, input: Json, ctx: TaskContext): Promise<unknown> {
  const checkedInput = await checkAgainst(spec.input, input);
  if (checkedInput.issues) throw refused(`input of ${spec.type}`, checkedInput.issues);
  const output = await spec.run(checkedInput.value, ctx);
  const checkedOutput = await checkAgainst(spec.output, output);
  if (checkedOutput.issues) throw refused(`output of ${spec.type}`, checkedOutput.issues);
  return checkedOutput.value;
}

function refused(what: string, issues: readonly SchemaIssue[]): Error {
  return joineryError('JN_REQUEST_INVALID', { what, problem: describeIssues(issues) });
}
