import { operateRun, registerDefinition, startRun } from '@joinery/engine';
import { isTerminalRun, type RunId } from '@joinery/core';
import { eventually } from '../../eventually.ts';
import { type Workload } from '../../workloads/workload.ts';
import { conclude } from '../conclude.ts';
import { type PlayedRun } from '../judge-stage.ts';
import { type Scenario } from '../scenario.ts';
import { openStage, type Stage } from '../stage.ts';

/** Events after which a run is in the middle of its loop. */
const UNDER_WAY = 2_000;
const ENDS_WITHIN_MS = 300_000;

/** L4: a loop that its author has forgotten to end. */
export const endlessLoop: Scenario = {
  id: 'L4',
  title: 'A loop has no end',
  hypothesis:
    'It can be terminated at any time; left alone it fails at the limit of 100,000 iterations, with the reason.',
  method: `Runs whose DO_WHILE always goes on, with nothing that waits inside. Each is terminated when it has ${UNDER_WAY} events; in the release size the last one is left alone. A fault counts when the run was in its loop then, and ended.`,
  notTested: ['50,000 tasks in a definition: definitions have a limit of size'],
  rules: ['H1', 'H2', 'H11', 'H12', 'H22', 'H23'],
  sizes: {
    test: { runs: 2, faults: 2 },
    default: { runs: 6, faults: 6 },
    release: { runs: 11, faults: 11 },
  },
  play: async ({ faults, seed, bundle, say }) => {
    await using stage = await openStage({ seed, ...(bundle && { bundle }) });
    const workload = endless();
    await registerDefinition(stage.client.client.engine, workload.definition);
    const runs: PlayedRun[] = [];
    for (let index = 0; index < faults; index += 1) {
      const isLeftAlone = faults > 10 && index === faults - 1;
      const { engine } = stage.client.client;
      const { runId } = await startRun(engine, { name: workload.name, input: {} });
      runs.push({ runId, seed: 0, accepts: [isLeftAlone ? 'FAILED' : 'TERMINATED'] });
      await stage.log.inject('no end', () => endOne(stage, runId, isLeftAlone));
      say(`${index + 1} of ${faults} ended`);
    }
    return await conclude(stage, { workload, runs, faultsPlanned: faults });
  },
};

async function endOne(stage: Stage, runId: RunId, isLeftAlone: boolean): Promise<boolean> {
  const { engine, store } = stage.client.client;
  const isInLoop = async (): Promise<boolean> => {
    const run = await store.find(runId);
    return (run?.version ?? 0) >= UNDER_WAY && run?.endedAt === 0;
  };
  const wasInLoop = await eventually(isInLoop, { withinMs: 60_000, everyMs: 10 }).catch(
    () => false,
  );
  const since = performance.now();
  if (!isLeftAlone) {
    await operateRun(engine, { runId, operation: { type: 'terminate', reason: 'no end' } });
  }
  const isEnded = async (): Promise<boolean> => {
    const run = await store.find(runId);
    return run !== null && isTerminalRun(run.status);
  };
  await eventually(isEnded, { withinMs: ENDS_WITHIN_MS, everyMs: 50 });
  const what = isLeftAlone ? 'limitReachedMs' : 'terminatedWithinMs';
  stage.log.most(what, performance.now() - since);
  return wasInLoop;
}

function endless(): Workload {
  const name = 'endless_loop';
  const body = { name: 'noop', taskReferenceName: 'body', type: 'NOOP' };
  const loop = {
    name: 'loop',
    taskReferenceName: 'loop',
    type: 'DO_WHILE',
    loopCondition: "$.loop['iteration'] > 0",
    loopOver: [body],
  };
  const definition = { name, tasks: [loop] };
  return { name, definition, input: () => ({}), steps: new Map(), joins: new Map() };
}
