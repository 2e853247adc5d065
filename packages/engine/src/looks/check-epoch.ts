import { type Logger } from '@joinery/kit';
import { type RunStore, type StoreEpoch } from '@joinery/store';

/**
 * Look whether Redis is still the one that it was, and make every run due when it is not: a replica that took over, or a
 * file without its last second, has forgotten what was to be looked at. Runs first, the note last: whoever dies between
 * the two leaves the news to the next process, and looking twice harms nobody.
 */
export async function checkEpoch({
  epochs,
  store,
  logger,
}: {
  readonly epochs: StoreEpoch;
  readonly store: Pick<RunStore, 'makeAllDue'>;
  readonly logger: Logger;
}): Promise<boolean> {
  const { identity, isNew } = await epochs.peek();
  if (isNew) await store.makeAllDue();
  const noted = await epochs.note(identity);
  if (noted.isNew) {
    const fields = { event: 'store.epoch-began', epoch: noted.epoch };
    logger.warn(fields, 'another Redis server holds the store; every run is looked at');
  }
  return noted.isNew;
}
