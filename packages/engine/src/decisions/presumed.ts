import { type Slice } from '@joinery/core';

/** The part of a commit that says on what it was decided. */
export function presumed(slice: Slice): {
  readonly runId: Slice['run']['id'];
  readonly decision: number;
  readonly nonce: string;
  readonly dirty: number;
} {
  const { id: runId, decision, nonce, dirty } = slice.run;
  return { runId, decision, nonce, dirty };
}
