import { operateRun, registerDefinition, startRun } from '@joinery/engine';
import { isTerminalRun, type RunId } from '@joinery/core';
import { eventually } from '../../eventually.ts';
import { type Workload } from '../../workloads/workload.ts';
import { conclude } from '../conclude.ts';
import { type PlayedRun } from '../judge-stage.ts';
import { type Scenario } from '../scenario.ts';
import { openStage, type Stage } from '../stage.ts';
import { timeLimit } from '../time-limit.ts';

/** Events after which a run is in the middle of its loop. */
const UNDER_WAY = 2_000;
const ENDS_WITHIN_MS = 300_000;

/** L4: a loop that its author has forgotten to end. */
export const endlessLoop: Scenario = {
  id: 'L4',
  title: 'A loop has no end',
  hypothesis:
    'It can be terminated at any time; left alone it fails at the limit of 100,000 iterations, with the reason.',
  method: `Runs whose DO_WHILE always goes on, with nothing that waits inside. Each is terminated when it has ${UNDER_WAY} events; in the release size the first one is left alone beside the others. A fault counts when the run was in its loop then, and ended.`,
  notTested: ['50,000 tasks in a definition: definitions have a limit of size'],
  rules: ['H1', 'H2', 'H11', 'H12', 'H22', 'H23'],
  sizes: {
    test: { runs: 2, faults: 2 },
    default: { runs: 6, faults: 6 },
    release: { runs: 11, faults: 11 },
  },
  play: async ({ faults, seed, bundle, say, forMs = ENDS_WITHIN_MS }) => {
    await using stage = await openStage({ seed, ...(bundle && { bundle }) });
    const workload = endless();
    await registerDefinition(stage.client.client.engine, workload.definition);
    const isTimeOver = timeLimit(forMs);
    const alone = faults > 10 ? await leaveOne(stage, workload.name, forMs) : null;
    const runs: PlayedRun[] = alone === null ? [] : [alone.run];
    while (runs.length < faults && !isTimeOver()) {
      const runId = await startOne(stage, workload.name);
      runs.push({ runId, seed: 0, accepts: ['TERMINATED'] });
      await stage.log.inject('no end', () => endOne(stage, runId));
      say(`${runs.length} of ${faults} ended`);
    }
    await alone?.ended;
    return await conclude(stage, { workload, runs, faultsPlanned: runs.length });
  },
};

async function startOne({ client }: Stage, name: string): Promise<RunId> {
  return (await startRun(client.client.engine, { name, input: {} })).runId;
}

/** A run that nobody ends, until the time is over: then it is terminated, and its fault has missed. */
async function leaveOne(
  stage: Stage,
  name: string,
  withinMs: number,
): Promise<{ readonly run: PlayedRun; readonly ended: Promise<void> }> {
  const runId = await startOne(stage, name);
  const ended = stage.log.inject('left alone', async () => {
    const isAtLimit = await isEnded(stage, runId, { withinMs, figure: 'limitReachedMs' });
    if (!isAtLimit) await terminate(stage, runId);
    return isAtLimit;
  });
  return { run: { runId, seed: 0, accepts: ['FAILED', 'TERMINATED'] }, ended };
}

async function endOne(stage: Stage, runId: RunId): Promise<boolean> {
  const { store } = stage.client.client;
  const isInLoop = async (): Promise<boolean> => {
    const run = await store.find(runId);
    return (run?.version ?? 0) >= UNDER_WAY && run?.endedAt === 0;
  };
  const wasInLoop = await eventually(isInLoop, { withinMs: 60_000, everyMs: 10 }).catch(
    () => false,
  );
  await terminate(stage, runId);
  const bound = { withinMs: ENDS_WITHIN_MS, figure: 'terminatedWithinMs' };
  return (await isEnded(stage, runId, bound)) && wasInLoop;
}

async function terminate({ client }: Stage, runId: RunId): Promise<void> {
  const operation = { type: 'terminate', reason: 'no end' } as const;
  await operateRun(client.client.engine, { runId, operation });
}

/** Waits for the end of a run, and notes how long that took. */
async function isEnded(
  { client, log }: Stage,
  runId: RunId,
  { withinMs, figure }: { readonly withinMs: number; readonly figure: string },
): Promise<boolean> {
  const since = performance.now();
  const isTerminal = async (): Promise<boolean> => {
    const run = await client.client.store.find(runId);
    return run !== null && isTerminalRun(run.status);
  };
  const isOver = await eventually(isTerminal, { withinMs, everyMs: 50 }).catch(() => false);
  if (isOver) log.most(figure, performance.now() - since);
  return isOver;
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
