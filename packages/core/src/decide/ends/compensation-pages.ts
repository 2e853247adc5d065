import type { DataField } from '../../run/command.ts';
import type { TaskKey } from '../../run/ids.ts';
import { taskKeyOf } from '../../run/ids.ts';
import type { Draft } from '../slices/draft.ts';

/** Keys per page: a decision reads one page, however many tasks are to be taken back. */
export const PAGE = 256;

/** Where the page with this place of the order is kept. No reference may hold an `@`. */
export function compensationPage(place: number): DataField {
  return `i:@compensation.${Math.floor(place / PAGE)}`;
}

/** The task at this place of the order. */
export function compensatedAt(draft: Draft, place: number): TaskKey {
  const page = draft.data(compensationPage(place));
  const key = Array.isArray(page) ? page[place % PAGE] : null;
  if (typeof key !== 'string') throw new Error(`the order of compensations ends before ${place}`);
  return taskKeyOf(key);
}
