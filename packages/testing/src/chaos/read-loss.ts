import { type RecordedEvent, type RunId } from '@joinery/core';
import { type FaultLog } from './fault-log.ts';
import { type Stage } from './stage.ts';

type Histories = ReadonlyMap<RunId, readonly RecordedEvent[]>;

/** Notes what was lost of each run. `commitCount`: commits that were noted by then. */
export function noteLosses(
  { log, fleet }: Pick<Stage, 'fleet'> & { readonly log: Pick<FaultLog, 'losses'> },
  runIds: readonly RunId[],
  {
    before,
    after,
    epochs,
  }: {
    readonly before: Histories;
    readonly after: Histories;
    readonly epochs: { readonly survived: number; readonly noted: number };
  },
): void {
  const commitCount = fleet.commits().length;
  for (const runId of runIds) {
    const histories = { before: before.get(runId) ?? [], after: after.get(runId) ?? [] };
    log.losses.push({ note: { runId, ...histories, epochs }, commitCount });
  }
}

/** What two histories of each run have in common before they part. */
export function commonPrefixes(one: Histories, other: Histories): Histories {
  const prefixes = new Map<RunId, readonly RecordedEvent[]>();
  for (const [runId, history] of one) {
    const beside = other.get(runId) ?? [];
    const parting = history.findIndex(
      (event, index) => JSON.stringify(event) !== JSON.stringify(beside[index]),
    );
    prefixes.set(runId, parting < 0 ? history : history.slice(0, parting));
  }
  return prefixes;
}
