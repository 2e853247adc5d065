import { joineryError, parseRunId, type RunId } from '@joinery/core';
import { newRunId, registerDefinition, startRun } from '@joinery/engine';
import { openBenchEngine } from './bench-engine.ts';
import { type BenchClient, type Site } from './subject.ts';
import { PAYLOAD, type Workload, workloadOf } from './workload.ts';

/** A producer of Joinery runs, as a process that has an engine. Registers the definition. */
export async function openJoineryClient(site: Site): Promise<BenchClient> {
  const workload = workloadOf(site.workload);
  const opened = await openBenchEngine(site.url, 'client');
  const { engine } = opened;
  await registerDefinition(engine, workload.definition);
  return {
    newId: () => newRunId(engine, { name: workload.name }),
    async start(id) {
      const input = { payload: PAYLOAD };
      await startRun(engine, { name: workload.name, runId: runIdFrom(id), input });
    },
    verify: (id) => verify(engine.store, runIdFrom(id), workload),
    close: () => opened.close(),
  };
}

function runIdFrom(text: string): RunId {
  const id = parseRunId(text);
  if (id === null) throw new Error(`${text} is no run id`);
  return id;
}

type Store = Awaited<ReturnType<typeof openBenchEngine>>['store'];

/** Status, every task, the result, and a history without a gap. */
async function verify(store: Store, id: RunId, workload: Workload): Promise<void> {
  const [run, rows, output, history] = await Promise.all([
    store.find(id),
    store.rows(id),
    store.payload(id, 'run:output'),
    store.history(id, 1, 1_000),
  ]);
  const last = rows.find((row) => row.ref === workload.lastRef);
  const isWhole =
    run?.status === 'COMPLETED' &&
    last?.status === 'COMPLETED' &&
    rows.every((row) => row.status === 'COMPLETED') &&
    JSON.stringify(output) === JSON.stringify({ payload: PAYLOAD }) &&
    history.length === run.version;
  if (isWhole) return;
  const found = JSON.stringify({ status: run?.status, rows: rows.length, output });
  throw joineryError('JN_INVARIANT_BROKEN', { what: `run ${id}`, problem: `it ended as ${found}` });
}
