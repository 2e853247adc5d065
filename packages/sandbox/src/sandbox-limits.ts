/** What one script may use. */
export interface SandboxLimits {
  /** Running time of one script, ms, without the time in which it waits for its turn. */
  readonly timeoutMs: number;
  /** Heap of one JavaScript evaluation, bytes. */
  readonly memoryBytes: number;
  /** Characters of JSON that a script may yield. */
  readonly outputSize: number;
}

/**
 * Four seconds are Conductor's (`CONDUCTOR_SCRIPT_MAX_EXECUTION_SECONDS`). 32 MB hold any input that may be stored a few
 * times over. The output is bounded like what expressions yield.
 */
export const DEFAULT_LIMITS: SandboxLimits = {
  timeoutMs: 4_000,
  memoryBytes: 32 * 1024 * 1024,
  outputSize: 5_000_000,
};

/** Stack of one JavaScript evaluation, bytes: some thousand calls, and well below what the thread has. */
export const STACK_BYTES = 256 * 1024;

/** A message of a script that fails is cut here. */
export const REASON_LIMIT = 500;

/** How much later than the script's own limit the thread is ended that has not answered. */
export const GRACE_MS = 50;
