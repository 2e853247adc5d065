import { bulkResponseOf, conductorMessageOf } from '@joinery/contract';
import { isJoineryError } from '@joinery/core';

/** One after another: a thousand at once would be a burst for Redis that nobody waits for. */
export async function inTurn(
  ids: readonly string[],
  work: (id: string) => Promise<void>,
): Promise<ReturnType<typeof bulkResponseOf>> {
  const outcomes: [id: string, error: string | null][] = [];
  for (const id of ids) {
    try {
      await work(id);
      outcomes.push([id, null]);
    } catch (error) {
      if (!isJoineryError(error)) throw error;
      outcomes.push([id, conductorMessageOf(error)]);
    }
  }
  return bulkResponseOf(outcomes);
}
