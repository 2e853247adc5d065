import { type Json, RUN_STATUSES, type RunStatus } from '@joinery/core';
import { z } from 'zod';

/** Schema of {@link RunReport} in the server's answer; more is there and is dropped. */
export const runReportSchema = z.object({
  workflowId: z.string(),
  status: z.enum(RUN_STATUSES),
  input: z.json(),
  output: z.json(),
  reasonForIncompletion: z.string().nullable(),
});

/** What has become of a run. */
export interface RunReport {
  readonly runId: string;
  readonly status: RunStatus;
  readonly input: Json;
  /** Empty while the run has not ended. */
  readonly output: Json;
  /** Why it has not completed; empty when there is no reason. */
  readonly reason: string;
}

/** A run as the server shows it, in our words. */
export function runReportOf(body: unknown): RunReport {
  const { workflowId, status, input, output, reasonForIncompletion } = runReportSchema.parse(body);
  return { runId: workflowId, status, input, output, reason: reasonForIncompletion ?? '' };
}
