import { isJoineryError, parseWorkflowDef, RUN_STATUSES, type RunId } from '@joinery/core';
import { registerDefinition, startRun } from '@joinery/engine';
import { disagreement } from '../../compare-run.ts';
import { type GeneratedDefinition } from '../../definitions/arbitrary-definition.ts';
import { type ExpectedRun, expectedRun } from '../../reference-model.ts';
import { type Workload } from '../../workloads/workload.ts';
import { conclude, untilEnded } from '../conclude.ts';
import { degenerateDefinitions } from '../degenerate-definitions.ts';
import { type PlayedRun } from '../judge-stage.ts';
import { killAt } from '../kill-at.ts';
import { REFUSED_JOINS } from '../refused-joins.ts';
import { type Scenario } from '../scenario.ts';
import { SCRIPT } from '../scripted-task.ts';
import { openStage, pick, type Stage } from '../stage.ts';
import { timeLimit } from '../time-limit.ts';

/** Runs of one wave; a coordinator is killed in each. */
const AT_ONCE = 20;
/** The first attempt and as many retries as the generator gives. */
const ATTEMPTS = 4;

/** D5: joins of which something is missing. */
export const degenerateJoins: Scenario = {
  id: 'D5',
  title: 'Joins have nothing to wait for, or what they wait for fails',
  hypothesis:
    'A join that could never fire is refused at registration; every other comes to what the reference model says.',
  method: `${REFUSED_JOINS.length} definitions that must be refused, each by its code: ${REFUSED_JOINS.map(({ what }) => what).join(', ')}. Then one run of each of as many generated definitions as the size says, all with an empty fork, an empty branch or a join that names nothing, with optional and permissive tasks, switches, loops, dynamic forks and joins that count, in which three attempts of ten fail; ${AT_ONCE} at a time, and one coordinator is killed in its critical section meanwhile. Status, tasks, attempts and outputs are compared with the model. A fault counts when a definition was refused as it must be, or its run agreed.`,
  notTested: ['time-outs and children: the simulator’s', 'registration over HTTP'],
  rules: ['H1', 'H2', 'H4', 'H6', 'H8', 'H10', 'H22', 'H23', 'H27'],
  sizes: {
    test: { runs: 20, faults: 20 },
    default: { runs: 300, faults: 300 },
    release: { runs: 5_000, faults: 5_000 },
  },
  play: async ({ runs: wanted, seed, bundle, say, forMs }) => {
    const fleet = { otherTasks: true };
    await using stage = await openStage({ seed, fleet, ...(bundle && { bundle }) });
    for (const { what, code, definition } of REFUSED_JOINS) {
      const isRefused = await registerDefinition(stage.client.client.engine, definition).then(
        () => false,
        (error) => isJoineryError(error) && error.code === code,
      );
      await stage.log.inject(`a join that ${what}`, async () => isRefused);
      if (!isRefused) stage.log.problems.push(`D5: a join that ${what} was not refused by ${code}`);
    }
    const made = degenerateDefinitions(wanted, seed);
    const isTimeOver = timeLimit(forMs);
    const runs: PlayedRun[] = [];
    while (runs.length < made.length && !isTimeOver()) {
      runs.push(...(await playWave(stage, made.slice(runs.length, runs.length + AT_ONCE))));
      say(`${runs.length} of ${made.length} runs`);
    }
    const faultsPlanned = runs.length + REFUSED_JOINS.length;
    return await conclude(stage, { workload: GENERATED, runs, faultsPlanned });
  },
};

/** What is known of all of them beforehand: nothing but how often an attempt may be made. */
const GENERATED: Workload = {
  name: 'generated',
  definition: {},
  input: () => ({}),
  steps: new Map(),
  joins: new Map(),
  maxAttempts: ATTEMPTS,
};

async function playWave(
  stage: Stage,
  made: readonly GeneratedDefinition[],
): Promise<readonly PlayedRun[]> {
  const { engine } = stage.client.client;
  const started: { readonly runId: RunId; readonly expected: ExpectedRun }[] = [];
  for (const { definition, input } of made) {
    const parsed = parseWorkflowDef(definition);
    await registerDefinition(engine, definition);
    const { runId } = await startRun(engine, { name: parsed.name, input });
    started.push({ runId, expected: expectedRun(parsed, input, SCRIPT) });
  }
  await killAt(stage, pick(stage, stage.fleet.members('coordinator')), 'in-critical-section');
  await untilEnded(stage, started);
  for (const { runId, expected } of started) {
    await stage.log.inject('degenerate', async () => {
      const problem = await problemOf(stage, runId, expected);
      if (problem !== null) stage.log.problems.push(`D5 ${runId}: ${problem}`);
      return problem === null;
    });
  }
  return started.map(({ runId, expected }) => {
    const accepts = RUN_STATUSES.filter((status) => expected.statuses.has(status));
    return { runId, seed: 0, accepts };
  });
}

/** Where a run is not what the model says; null when it is. */
async function problemOf(
  { client }: Stage,
  runId: RunId,
  expected: ExpectedRun,
): Promise<string | null> {
  const { store } = client.client;
  const run = await store.find(runId);
  if (run === null) return 'it is gone';
  // In the order of creation: the last row of a task is its current attempt.
  const current = new Map((await store.rows(runId)).map((row) => [row.key, row] as const));
  const rows = [...current.values()];
  const outputs = await Promise.all(
    rows.map(async ({ key }) => [key, await store.payload(runId, `o:${key}`)] as const),
  );
  const byKey = new Map<string, (typeof outputs)[number][1]>(outputs);
  const output = (await store.payload(runId, 'run:output')) ?? undefined;
  const outputOf = (key: string) => byKey.get(key) ?? undefined;
  return disagreement({ status: run.status, rows, outputOf, output }, expected);
}
