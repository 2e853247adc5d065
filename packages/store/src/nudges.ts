import type { RunId } from '@joinery/core';

/** "This run needs a decision": a hint that cuts latency. Losing one costs one sweep. */
export interface Nudges {
  push(runIds: readonly RunId[]): Promise<void>;
  /** Waits up to `waitMs` for at least one; at most `limit`; each is handed to one caller. */
  pop(waitMs: number, limit: number, signal: AbortSignal): Promise<readonly RunId[]>;
  close(): Promise<void>;
}
