import { z } from 'zod';
import { conductorObject, requiredText, wholeNumber } from './conductor-object.ts';
import type { TaskDef } from './task-def.ts';

/** What of a task definition says how its tasks are tried again. */
export type RetrySettings = Pick<
  TaskDef,
  | 'retryCount'
  | 'retryLogic'
  | 'retryDelaySeconds'
  | 'backoffScaleFactor'
  | 'maxRetryDelaySeconds'
  | 'backoffJitterMs'
  | 'retryOn'
  | 'abortOn'
  | 'totalTimeoutSeconds'
>;

/** Schema of the settings with which one task overrides its definition: what is left out stays. */
export const retryPolicySchema: z.ZodType<Partial<RetrySettings>> = conductorObject({
  retryCount: wholeNumber().exactOptional(),
  retryLogic: z.enum(['FIXED', 'LINEAR_BACKOFF', 'EXPONENTIAL_BACKOFF']).exactOptional(),
  retryDelaySeconds: wholeNumber().exactOptional(),
  backoffScaleFactor: wholeNumber(1).exactOptional(),
  maxRetryDelaySeconds: wholeNumber().exactOptional(),
  backoffJitterMs: wholeNumber().exactOptional(),
  retryOn: z.array(requiredText).exactOptional(),
  abortOn: z.array(requiredText).exactOptional(),
  totalTimeoutSeconds: wholeNumber().exactOptional(),
});
