import { registerDefinition } from '@joinery/engine';
import { type ClientCall } from '../../history/judge-clients.ts';
import { wideFork } from '../../workloads/known-workloads.ts';
import { conclude } from '../conclude.ts';
import { type PlayedRun } from '../judge-stage.ts';
import { comesTo } from '../kill-at.ts';
import { type Scenario } from '../scenario.ts';
import { openStage, pick, type Stage } from '../stage.ts';
import { timeLimit } from '../time-limit.ts';

const workload = wideFork(2);
const POINTS = ['after-start', 'before-start'] as const;

/** C6: whoever was to say that the run has begun is dead. */
export const killStarter: Scenario = {
  id: 'C6',
  title: 'A process dies between the start of a run and its answer',
  hypothesis: 'The client asks again with its key, and there is one run.',
  method:
    'A process is asked to start a run under an idempotency key, held right after (and, by turns, right before) the script that writes the run, and killed there by SIGKILL. Another process is asked again with the same key. A fault counts when the first was killed there, and the second found the run, or made it where none had been written.',
  notTested: ['the HTTP server itself: the process calls the verb that the server calls'],
  rules: ['H1', 'H3', 'H16', 'H22', 'H23', 'H27'],
  sizes: {
    test: { runs: 6, faults: 6 },
    default: { runs: 60, faults: 60 },
    release: { runs: 1_000, faults: 1_000 },
  },
  play: async ({ faults, seed, bundle, forMs, say }) => {
    await using stage = await openStage({ seed, fleet: { spares: 3 }, ...(bundle && { bundle }) });
    await registerDefinition(stage.client.client.engine, workload.definition);
    const calls: ClientCall[] = [];
    const runs: PlayedRun[] = [];
    const isTimeOver = timeLimit(forMs);
    for (let index = 0; index < faults && !isTimeOver(); index += 1) {
      await stage.log.inject('SIGKILL of a starter', () =>
        startTwice(stage, index, { calls, runs }),
      );
      if (index % 10 === 9) say(`${index + 1} of ${faults} starters killed`);
    }
    return await conclude(stage, { workload, runs, calls, faultsPlanned: stage.log.faults.length });
  },
};

interface Played {
  readonly calls: ClientCall[];
  readonly runs: PlayedRun[];
}

async function startTwice(stage: Stage, index: number, { calls, runs }: Played): Promise<boolean> {
  const point = POINTS[index % POINTS.length] ?? 'after-start';
  const idempotencyKey = `start-${index}`;
  const request = { name: workload.name, input: workload.input(index), idempotencyKey };
  const first = pick(stage, stage.fleet.members('coordinator'));
  const held = comesTo(first, point);
  // Its answer never comes.
  first.start(request).catch(() => undefined);
  const isHeld = await held;
  await stage.fleet.replace(first);
  calls.push({ idempotencyKey, runId: null, outcome: 'info' });
  const second = pick(stage, stage.fleet.members('coordinator'));
  const { runId, isNew } = await second.start(request);
  calls.push({ idempotencyKey, runId, outcome: 'ok' });
  runs.push({ runId, seed: index });
  return isHeld && isNew === (point === 'before-start');
}
