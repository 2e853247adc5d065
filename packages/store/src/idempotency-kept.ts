/** How long an idempotency key is known after its run was purged, ms: a start that is repeated later is another start. */
export const IDEMPOTENCY_KEPT_MS = 7 * 86_400_000;
