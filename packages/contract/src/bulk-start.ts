import { z } from 'zod';
import { type ConductorError } from './conductor-error.ts';

/** Starts in one request; Conductor's bulk requests take as many ids. */
export const BULK_STARTS_LIMIT = 1_000;

/** The body of a bulk start: each member a StartWorkflowRequest, read on its own, so that a wrong one spoils no other. */
export const bulkStartSchema = z
  .array(z.record(z.string(), z.json()))
  .max(BULK_STARTS_LIMIT)
  .describe('StartWorkflowRequests');

/** What became of one start, in the place of its request. `isNew`: false = its idempotency key names this run already. */
export type BulkStartResult =
  | { readonly workflowId: string; readonly isNew: boolean }
  | { readonly error: ConductorError };
