import { setTimeout as delay } from 'node:timers/promises';
import { type ProcessFleet } from './process-fleet.ts';

const EVERY_MS = 250;
/** A process that says nothing for so long is as good as dead: a loop holds it, ms. */
const ANSWERS_WITHIN_MS = 1_500;

/** What every orchestrator does: workers that have ended, or do not answer, are replaced. Ends with its disposal. */
export function superviseWorkers(
  fleet: ProcessFleet,
  replaced: (count: number) => void,
): AsyncDisposable {
  const stopping = new AbortController();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      const workers = fleet.members('worker');
      const answers = workers.map((worker) =>
        worker.okCount(ANSWERS_WITHIN_MS).then(
          () => true,
          () => false,
        ),
      );
      const isAlive = await Promise.all(answers);
      const deaf = workers.filter((_worker, index) => !isAlive[index]);
      if (!stopping.signal.aborted) {
        await Promise.all(deaf.map((worker) => worker.kill()));
        replaced(await fleet.restock('worker'));
      }
      await delay(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await watching.catch(() => undefined);
    },
  };
}
