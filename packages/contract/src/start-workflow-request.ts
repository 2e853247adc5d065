import { joineryError } from '@joinery/core';
import { z } from 'zod';

/** What a start does when a run with the same idempotency key exists already. */
export const IDEMPOTENCY_STRATEGIES = ['FAIL', 'RETURN_EXISTING', 'FAIL_ON_RUNNING'] as const;

const jsonObject = z.record(z.string(), z.json());

/**
 * Conductor's StartWorkflowRequest (3.30). Fields that it does not know are dropped, as Conductor does.
 * `workflowDef` is an inline definition, checked later by the definition language; `priority` is 0 to 99;
 * a `version` that is absent or 0 means the latest one.
 */
export const startWorkflowRequestSchema = z.object({
  name: z.string().min(1).max(255),
  version: z.int().nonnegative().optional(),
  correlationId: z.string().max(1_024).optional(),
  input: jsonObject.optional(),
  taskToDomain: z.record(z.string(), z.string()).optional(),
  workflowDef: jsonObject.optional(),
  externalInputPayloadStoragePath: z
    .string()
    .refine((path) => path === '', 'there is no storage outside; send the input itself')
    .optional(),
  priority: z.int().min(0).max(99).optional(),
  createdBy: z.string().max(1_024).optional(),
  idempotencyKey: z.string().min(1).max(1_024).optional(),
  idempotencyStrategy: z.enum(IDEMPOTENCY_STRATEGIES).optional(),
});

/** A request to start a run, in Conductor's words. */
export type StartWorkflowRequest = z.infer<typeof startWorkflowRequestSchema>;

/**
 * Reads a start request that came from outside. A field that is null counts as absent: Conductor's clients send
 * them so. Fails with JN_REQUEST_INVALID, which names the first field that is wrong; `details.problems` has all.
 */
export function parseStartWorkflowRequest(payload: unknown): StartWorkflowRequest {
  const parsed = startWorkflowRequestSchema.safeParse(withoutNulls(payload));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.length > 0 ? path.join('.') : 'the request'}: ${message}`,
  );
  const [problem = 'unknown problem'] = problems;
  throw joineryError('JN_REQUEST_INVALID', { what: 'StartWorkflowRequest', problem, problems });
}

function withoutNulls(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return payload;
  return Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== null));
}
