import { parseRunId, type RunId } from '@joinery/core';
import { newRunId, registerDefinition, startRun, startRuns } from '@joinery/engine';
import { openBenchEngine } from './bench-engine.ts';
import { type BenchClient, type Site } from './subject.ts';
import { readWholeHistory, successionMsOf, verifyRun } from './verify-run.ts';
import { workloadOf } from './workload.ts';

/** A producer of Joinery runs, as a process that has an engine. Registers the definition. */
export async function openJoineryClient(site: Site): Promise<BenchClient> {
  const workload = workloadOf(site.workload, site.branches);
  const { name, input } = workload;
  const opened = await openBenchEngine(site.url, 'client');
  const { engine, store } = opened;
  await registerDefinition(engine, workload.definition);
  return {
    newId: () => newRunId(engine, { name }),
    async start(id) {
      await startRun(engine, { name, runId: runIdFrom(id), input });
    },
    async startBulk(count) {
      const outcomes = await startRuns(
        engine,
        Array.from({ length: count }, () => ({ name, input })),
      );
      const failed = outcomes.find((outcome) => outcome.type === 'failed');
      if (failed !== undefined) throw failed.error;
    },
    verify: (id) => verifyRun(store, runIdFrom(id), workload),
    successionMs: async (id) => successionMsOf(await readWholeHistory(store, runIdFrom(id))),
    close: () => opened.close(),
  };
}

function runIdFrom(text: string): RunId {
  const id = parseRunId(text);
  if (id === null) throw new Error(`${text} is no run id`);
  return id;
}
