import { isJsonObject } from '../../run/json.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';

/**
 * The wait for which a failed attempt has asked: `retryAfterMs` of its output, where workers put what a handler's
 * RetryableError says; null = none that makes sense. A task that timed out has no output of its own: what is stored
 * is of an earlier attempt.
 */
export function retryWish(draft: Draft, row: TaskRow): number | null {
  if (row.status !== 'FAILED') return null;
  const output = draft.data(`o:${row.key}`);
  const wish = output !== null && isJsonObject(output) ? output['retryAfterMs'] : null;
  return typeof wish === 'number' && wish >= 0 ? Math.ceil(wish) : null;
}
