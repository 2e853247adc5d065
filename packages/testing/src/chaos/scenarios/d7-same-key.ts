import { registerDefinition, startRun } from '@joinery/engine';
import { type RunId } from '@joinery/core';
import { eventually } from '../../eventually.ts';
import { type ClientCall } from '../../history/judge-clients.ts';
import { wideFork } from '../../workloads/known-workloads.ts';
import { judgeStage, witnessesOf } from '../judge-stage.ts';
import { type SeededRun } from '../judge-system.ts';
import { openClient } from '../open-client.ts';
import { proveAlive } from '../prove-alive.ts';
import { type Scenario } from '../scenario.ts';
import { openStage } from '../stage.ts';
import { timeLimit } from '../time-limit.ts';

const workload = wideFork(2);
/** Starts with one key at the same time, over both clients. */
const STARTS = 100;

/** D7: one key is one run. */
export const sameKey: Scenario = {
  id: 'D7',
  title: `One idempotency key is used by ${STARTS} starts at once`,
  hypothesis: 'One run is made, and all starts are answered with it.',
  method: `For each key ${STARTS} starts at once from two clients with connections of their own. A fault counts when one start made the run and all others found it.`,
  notTested: ['starts over HTTP', 'keys of purged runs'],
  rules: ['H3', 'H16', 'H22', 'H27'],
  sizes: {
    test: { runs: 5, faults: 5 },
    default: { runs: 50, faults: 50 },
    release: { runs: 10_000, faults: 10_000 },
  },
  play: async ({ faults, seed, bundle, forMs }) => {
    await using stage = await openStage({ seed, ...(bundle && { bundle }) });
    await using other = await openClient(stage.redis.url);
    const engines = [stage.client.client.engine, other.client.engine];
    for (const engine of engines) await registerDefinition(engine, workload.definition);
    const calls: ClientCall[] = [];
    const runs: SeededRun[] = [];
    const isTimeOver = timeLimit(forMs);
    for (let key = 0; key < faults && !isTimeOver(); key += 1) {
      await stage.log.inject('starts with one key', async () => {
        const idempotencyKey = `same-${key}`;
        const request = { name: workload.name, input: workload.input(key), idempotencyKey };
        const starts = Array.from(
          { length: STARTS },
          (_, index) => engines[index % engines.length],
        );
        const started = await Promise.all(
          starts.flatMap((engine) => (engine ? [startRun(engine, request)] : [])),
        );
        const ids = new Set<RunId>();
        for (const { runId } of started) {
          ids.add(runId);
          calls.push({ idempotencyKey, runId, outcome: 'ok' });
        }
        for (const runId of ids) runs.push({ runId, seed: key });
        return ids.size === 1 && started.filter(({ isNew }) => isNew).length === 1;
      });
    }
    const { store } = stage.client.client;
    const problems: string[] = [];
    await eventually(
      async () => {
        const found = await Promise.all(runs.map(({ runId }) => store.find(runId)));
        return found.every((run) => (run?.endedAt ?? 0) > 0);
      },
      { withinMs: 60_000, everyMs: 100 },
    ).catch(() => problems.push('not all runs ended'));
    const canaries = await proveAlive(stage);
    return await judgeStage({
      client: stage.client,
      workload,
      runs: [...runs, ...canaries.runs],
      calls,
      attemptedCount: calls.length + canaries.runs.length,
      ...witnessesOf(stage.fleet),
      log: stage.log,
      faultsPlanned: stage.log.faults.length,
      marks: [],
      decidesWithinMs: 50_000,
      problems: [...problems, ...canaries.deaf],
    });
  },
};
