import { registerDefinition, startRun } from '@joinery/engine';
import { crazyNestedForkJoin } from '../../workloads/known-workloads.ts';
import { conclude, untilEnded } from '../conclude.ts';
import { type PlayedRun } from '../judge-stage.ts';
import { percentile } from '../percentile.ts';
import { costBetween, redisCost } from '../redis-cost.ts';
import { type Scenario } from '../scenario.ts';
import { openStage, type Stage } from '../stage.ts';
import { timeLimit } from '../time-limit.ts';

/** Runs that work, in each of the two measurements. */
const ACTIVE = 40;
const AT_ONCE = 10;
const STARTS_AT_ONCE = 50;
/** Script calls of active runs may grow by this share; looks at the waiting ones are counted apart. */
const SLACK = 0.25;
/** Runs of one look, and the longest time between two looks at a run, s. */
const LOOK = { batch: 200, everyS: 30 };

const workload = crazyNestedForkJoin();

/** L3: who waits costs nothing. */
export const manyWaiting: Scenario = {
  id: 'L3',
  title: 'A few runs work while thousands wait',
  hypothesis: 'What an active run costs does not depend on how many others wait.',
  method: `${ACTIVE} nested fork-joins, ${AT_ONCE} at a time, alone; then the given number of runs is started that wait for somebody, and ${ACTIVE} more nested fork-joins. The script calls of the second time, without the looks that are due at the waiting runs, may be ${SLACK * 100} % more. A fault is a thousand waiting runs, or a part. Figures: scripts per active run and its median time, before and after.`,
  notTested: ['100,000 waiting runs, but for the release size'],
  rules: ['H1', 'H6', 'H16', 'H22', 'H27'],
  sizes: {
    test: { runs: 500, faults: 1 },
    default: { runs: 10_000, faults: 10 },
    release: { runs: 100_000, faults: 100 },
  },
  play: async ({ runs, faults, seed, bundle, say, forMs }) => {
    await using stage = await openStage({ seed, ...(bundle && { bundle }) });
    const { engine } = stage.client.client;
    await registerDefinition(engine, workload.definition);
    // Warm: caches and code are as they will be.
    const warm = await measure(stage, 1_000);
    const alone = await measure(stage, 2_000);
    await registerDefinition(engine, WAITING);
    const isTimeOver = timeLimit(forMs);
    const count = Math.ceil(runs / faults);
    let parked = 0;
    while (parked < faults && !isTimeOver()) {
      await stage.log.inject('runs that wait', async () => {
        await park(stage, count);
        return true;
      });
      parked += 1;
      say(`${parked * count} runs wait`);
    }
    const waitingCount = parked * count;
    stage.log.count('waiting', waitingCount);
    const beside = await measure(stage, 3_000);
    const looks = Math.ceil((waitingCount / LOOK.batch) * (1 + beside.seconds / LOOK.everyS)) * 2;
    const after = Math.max(0, beside.scripts - looks);
    stage.log.most('scriptsAlone', alone.scripts / ACTIVE);
    stage.log.most('scriptsBeside', after / ACTIVE);
    stage.log.most('medianAloneMs', alone.medianMs);
    stage.log.most('medianBesideMs', beside.medianMs);
    if (after > alone.scripts * (1 + SLACK)) {
      stage.log.problems.push(`L3: ${after} script calls beside, ${alone.scripts} alone`);
    }
    const judged = [...warm.runs, ...alone.runs, ...beside.runs];
    return await conclude(stage, { workload, runs: judged, faultsPlanned: parked });
  },
};

const WAITING = {
  name: 'waits_for_somebody',
  tasks: [{ name: 'wait', taskReferenceName: 'wait', type: 'WAIT' }],
};

interface Measured {
  readonly runs: readonly PlayedRun[];
  readonly scripts: number;
  readonly medianMs: number;
  readonly seconds: number;
}

async function measure(stage: Stage, firstSeed: number): Promise<Measured> {
  const { client, raw } = stage;
  const since = performance.now();
  const before = await redisCost(raw);
  const runs: PlayedRun[] = [];
  while (runs.length < ACTIVE) {
    const seeds = Array.from({ length: AT_ONCE }, (_, index) => firstSeed + runs.length + index);
    const ids = await client.start(workload, seeds);
    const wave = ids.map((runId, index) => ({ runId, seed: seeds[index] ?? 0 }));
    await untilEnded(stage, wave);
    runs.push(...wave);
  }
  const { scripts } = costBetween(before, await redisCost(raw));
  const found = await Promise.all(runs.map(({ runId }) => client.client.store.find(runId)));
  const times = found.flatMap((run) => (run === null ? [] : [run.endedAt - run.createdAt]));
  const seconds = (performance.now() - since) / 1_000;
  return { runs, scripts, medianMs: percentile(times, 0.5), seconds };
}

async function park({ client }: Stage, count: number): Promise<void> {
  const { engine } = client.client;
  for (let done = 0; done < count; done += STARTS_AT_ONCE) {
    const some = Array.from({ length: Math.min(STARTS_AT_ONCE, count - done) });
    await Promise.all(some.map(() => startRun(engine, { name: WAITING.name, input: {} })));
  }
}
