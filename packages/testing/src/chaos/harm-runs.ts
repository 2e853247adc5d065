import { registerDefinition, startRun } from '@joinery/engine';
import { type RunStatus } from '@joinery/core';
import { HARM_TASK, type Workload } from '../workloads/workload.ts';
import { type Harm } from './harmful-task.ts';
import { type PlayedRun } from './judge-stage.ts';
import { type Stage } from './stage.ts';

/** How a run ends whose only task does this. A task that never answers is timed out; the others end their attempt. */
const ENDS: Readonly<Record<Harm, RunStatus>> = {
  throw: 'FAILED',
  exit: 'FAILED',
  loop: 'FAILED',
  memory: 'FAILED',
  never: 'TIMED_OUT',
};

/** Starts a run that harms its worker. */
export async function startHarm({ client }: Stage, harm: Harm): Promise<PlayedRun> {
  const { engine } = client.client;
  const workload = harmful(harm);
  await registerDefinition(engine, workload.definition);
  const { runId } = await startRun(engine, { name: workload.name, input: workload.input(0) });
  return { runId, seed: 0, workload, accepts: [ENDS[harm]] };
}

function harmful(harm: Harm): Workload {
  const name = `harm_${harm}`;
  const limits =
    harm === 'never' ? { timeoutSeconds: 2, timeoutPolicy: 'TIME_OUT_WF' } : { retryCount: 0 };
  const task = {
    name: HARM_TASK,
    taskReferenceName: 'harm',
    type: 'SIMPLE',
    inputParameters: { harm },
    taskDefinition: { name: HARM_TASK, retryCount: 0, ...limits },
  };
  const definition = { name, tasks: [task] };
  return { name, definition, input: () => ({}), steps: new Map(), joins: new Map() };
}
