import type { JsonObject } from '@joinery/core';

/** What a failed attempt leaves behind. */
export interface TerminalErrorOptions {
  /** Stored as the attempt's output. Default: empty. */
  readonly output?: JsonObject;
  readonly cause?: unknown;
}

/**
 * Thrown by a handler when another attempt cannot help: the attempt ends FAILED_WITH_TERMINAL_ERROR and is not retried.
 */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
  readonly output: JsonObject;

  constructor(message: string, { output = {}, cause }: TerminalErrorOptions = {}) {
    super(message, { cause });
    this.output = output;
  }
}

/** How a failed attempt should be tried again. */
export interface RetryableErrorOptions {
  readonly message?: string;
  /**
   * How long the next attempt is to wait, in ms: what the failed service asked for. Takes the place of the delay that the
   * task's definition computes, within its cap (`maxRetryDelaySeconds`) and with its jitter on top. How often a task is
   * tried again stays the definition's. Kept in the output of the failed attempt, as `retryAfterMs`.
   */
  readonly retryAfterMs?: number;
  /** Stored as the attempt's output, beside `retryAfterMs`. Default: empty. */
  readonly output?: JsonObject;
  readonly cause?: unknown;
}

/** Thrown by a handler to say that another attempt may help. Any other error means the same, without a wish. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
  readonly retryAfterMs: number | undefined;
  readonly output: JsonObject;

  constructor(options: RetryableErrorOptions = {}) {
    super(options.message ?? 'try again', { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
    this.output = options.output ?? {};
  }
}

/**
 * A worker and the module with its handlers may load two copies of this package, so errors are told by name and not by
 * class.
 */
export function isTerminalError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'TerminalError';
}

function isRetryableError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'RetryableError';
}

/** The wait that an error asks for, in ms; undefined when it asks for none that makes sense. */
export function retryAfterOf(error: unknown): number | undefined {
  if (!isRetryableError(error)) return undefined;
  const wish = 'retryAfterMs' in error ? error.retryAfterMs : undefined;
  return typeof wish === 'number' && Number.isFinite(wish) && wish >= 0 ? wish : undefined;
}

/** What an error of either kind leaves behind; undefined when it leaves nothing. */
export function outputOfError(error: unknown): unknown {
  const isKnown = isTerminalError(error) || isRetryableError(error);
  return isKnown && 'output' in error ? error.output : undefined;
}
