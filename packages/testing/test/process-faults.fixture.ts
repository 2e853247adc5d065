import { type RunId } from '@joinery/core';
import { commitNotes } from '../src/chaos/judge-stage.ts';
import { judgeSystem, type SeededRun } from '../src/chaos/judge-system.ts';
import { type LocalSystem } from '../src/chaos/local-system.ts';
import { type ProcessFleet } from '../src/chaos/process-fleet.ts';
import { type HistoryVerdict } from '../src/history/check-history.ts';
import { eventually } from '../src/index.ts';
import { type Workload } from '../src/workloads/workload.ts';

/** Waits until the store says that all of them have ended. */
export async function untilEnded(
  { client: { store } }: LocalSystem,
  runs: readonly SeededRun[],
  withinMs: number,
): Promise<void> {
  let left = [...runs];
  await eventually(
    async () => {
      const [first] = left;
      // One read while nothing has changed: asking for hundreds all the time would be load of its own.
      if (first && !(await hasEnded(first.runId, store))) throw leftOver(left);
      const ended = await Promise.all(left.map(({ runId }) => hasEnded(runId, store)));
      left = left.filter((_run, index) => !ended[index]);
      if (left.length > 0) throw leftOver(left);
    },
    { withinMs, everyMs: 100 },
  );
}

function leftOver(left: readonly SeededRun[]): Error {
  return new Error(`${left.length} runs have not ended, ${left[0]?.runId} first`);
}

async function hasEnded(runId: RunId, store: LocalSystem['client']['store']): Promise<boolean> {
  return ((await store.find(runId))?.endedAt ?? 0) > 0;
}

/** Judges what a fleet has done. */
export function judgeFleet(
  client: LocalSystem,
  fleet: ProcessFleet,
  { workload, runs }: { readonly workload: Workload; readonly runs: readonly SeededRun[] },
): Promise<HistoryVerdict> {
  const ledger = fleet.ledger.read();
  return judgeSystem(client.client.store, {
    workload,
    runs,
    ledger,
    commits: commitNotes(fleet.commits()),
  });
}
