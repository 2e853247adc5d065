import { isJoineryError, type Json, type JsonObject, type ResultStatus } from '@joinery/core';
import type { Task } from './define-task.ts';
import type { TaskContext } from './task-context.ts';
import { isTerminalError, outputOfError, retryAfterOf } from './task-errors.ts';
import { toOutput } from './task-output.ts';

/** The result of an attempt, as it is stored. */
export interface TaskOutcome {
  readonly status: ResultStatus;
  readonly output: JsonObject;
  /** Empty for a success; else at most 500 characters. */
  readonly reason: string;
}

/** What a handler came to: a result, or nothing that counts because it was interrupted. */
export type HandlerEnd =
  | { readonly type: 'outcome'; readonly outcome: TaskOutcome; readonly err: unknown }
  | { readonly type: 'interrupted' };

/** What is stored of a reason; the rest is in the worker's log. */
export const reasonLimit = 500;

/**
 * Runs a handler to its end. Never rejects: whatever user code throws is a result. A throw after the signal fired is
 * an interruption and not a failure, since handlers pass the signal to what they call, and that then throws.
 */
export async function runHandler(
  task: Task,
  input: Json | Promise<Json>,
  ctx: TaskContext,
): Promise<HandlerEnd> {
  try {
    const returned = await task.execute(await input, ctx);
    const output = toOutput(`output of ${task.type}`, returned);
    const outcome: TaskOutcome = { status: 'COMPLETED', output, reason: '' };
    return { type: 'outcome', outcome, err: undefined };
  } catch (err) {
    if (ctx.signal.aborted) return { type: 'interrupted' };
    return { type: 'outcome', outcome: failureOf(err), err };
  }
}

/** The result that an error stands for. Bad input and output are terminal: the same data would fail again. */
export function failureOf(err: unknown): TaskOutcome {
  if (isJoineryError(err) && err.category === 'InvalidInput') {
    return terminal(`${err.code}: ${err.message}`);
  }
  const left = leftBehind(err);
  if (isTerminalError(err)) return terminal(messageOf(err), left);
  const retryAfterMs = retryAfterOf(err);
  const wish = retryAfterMs === undefined ? {} : { retryAfterMs };
  const output = { ...errorNamed(err), ...left, ...wish };
  return { status: 'FAILED', output, reason: cut(messageOf(err)) };
}

function terminal(reason: string, output: JsonObject = {}): TaskOutcome {
  return { status: 'FAILED_WITH_TERMINAL_ERROR', output, reason: cut(reason) };
}

/** What `retryOn` and `abortOn` go by: the name of an error's class, and its code. Plain errors say nothing by them. */
function errorNamed(err: unknown): JsonObject {
  if (!(err instanceof Error)) return {};
  const code = 'code' in err && typeof err.code === 'string' ? { code: err.code } : {};
  const name = isPlain(err.name) ? {} : { name: err.name };
  const error = { ...name, ...code };
  return Object.keys(error).length === 0 ? {} : { error };
}

function isPlain(name: unknown): boolean {
  return typeof name !== 'string' || name === 'Error' || name === 'RetryableError';
}

/** The output that an error brings; nothing when it is none that can be stored: the failure counts more. */
function leftBehind(err: unknown): JsonObject {
  try {
    return toOutput('output of a failure', outputOfError(err));
  } catch {
    return {};
  }
}

function messageOf(err: unknown): string {
  if (err instanceof Error) return err.message || err.name;
  try {
    return String(err);
  } catch {
    // An object without a prototype, or with a hostile toString: user code may throw anything.
    return 'the handler threw a value that has no text';
  }
}

function cut(reason: string): string {
  if (reason.length <= reasonLimit) return reason;
  // Never half of a surrogate pair: it would not survive UTF-8.
  return `${reason.slice(0, reasonLimit - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}
