import { z } from 'zod';

/** Ids of a bulk request; Conductor takes at most 1,000. */
export const bulkIdsSchema = z.array(z.string()).max(1_000);

/** What became of each id of a bulk request: Conductor answers 200 whatever it is. */
export interface BulkResponse {
  readonly bulkErrorResults: Readonly<Record<string, string>>;
  readonly bulkSuccessfulResults: readonly string[];
  readonly message: string;
}

/** Puts the outcomes together; an error is a message, null a success. */
export function bulkResponseOf(
  outcomes: readonly (readonly [id: string, error: string | null])[],
): BulkResponse {
  return {
    bulkErrorResults: Object.fromEntries(
      outcomes.flatMap(([id, error]) => (error === null ? [] : [[id, error]])),
    ),
    bulkSuccessfulResults: outcomes.flatMap(([id, error]) => (error === null ? [id] : [])),
    message: 'Bulk Request has been processed.',
  };
}
