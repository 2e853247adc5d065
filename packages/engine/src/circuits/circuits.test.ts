import { joineryError, type JsonObject, type ResultStatus, type RunId } from '@joinery/core';
import { createMemoryAgenda, createMemoryFleet, type Agenda } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import {
  coordinate,
  createTestEngine,
  runOf,
  settle,
  type TestEngine,
} from '../../test/fixtures/test-engine.ts';
import { registerDefinition, registerTaskDefinition } from '../definitions/register-definition.ts';
import { type Engine } from '../engine.ts';
import { type EnginePorts } from '../engine-ports.ts';
import { leaveGate } from '../gates/leave-gate.ts';
import { explainRun } from '../looks/explain-run.ts';
import { lookAtRuns } from '../looks/look-at-runs.ts';
import { startRun } from '../starts/start-run.ts';
import { beatClaims } from '../tasks/beat-claims.ts';
import { claimTask, type ClaimedTask, type ClaimOutcome } from '../tasks/claim-task.ts';
import { completeTask } from '../tasks/complete-task.ts';
import { getCircuit, listCircuits, resetCircuit, forgetCircuits } from './operate-circuit.ts';

const LEASE_MS = 3_000;
const hand = { actor: 'ann', reason: 'the bank is back' };

interface Bench extends TestEngine {
  readonly circuits: Agenda;
  readonly runIds: readonly RunId[];
  /** Commits and reads of breakers so far. */
  readonly visits: () => number;
}

/** Runs of one task each that calls `bank`; four failures of four open its breaker for 5 s. */
async function startCalls(
  count: number,
  breaker: JsonObject = {},
  taskDef: JsonObject = {},
): Promise<Bench> {
  let visits = 0;
  let agenda: Agenda | null = null;
  const circuits: Agenda = forwarding(
    () => agenda,
    () => (visits += 1),
  );
  const test = createTestEngine({ circuits } satisfies Partial<EnginePorts>);
  agenda = createMemoryAgenda({ now: () => test.time.now() });
  const circuitBreaker = { target: 'bank', minCalls: 4, openSeconds: 5, ...breaker };
  await registerTaskDefinition(test.engine, {
    name: 'a',
    retryCount: 0,
    ...taskDef,
    circuitBreaker,
  });
  await registerDefinition(test.engine, {
    name: 'one',
    tasks: [{ name: 'a', taskReferenceName: 'a', type: 'SIMPLE' }],
  });
  const runIds: RunId[] = [];
  for (let i = 0; i < count; i += 1) {
    runIds.push((await startRun(test.engine, { name: 'one', input: { i } })).runId);
  }
  return { ...test, circuits, runIds, visits: () => visits };
}

function forwarding(target: () => Agenda | null, onVisit: () => void): Agenda {
  const agenda = (): Agenda => {
    const found = target();
    if (found === null) throw new Error('the agenda is not there yet');
    return found;
  };
  return {
    find: (id) => (onVisit(), agenda().find(id)),
    commit: (change) => (onVisit(), agenda().commit(change)),
    list: (kind) => agenda().list(kind),
    takeDue: (limit) => agenda().takeDue(limit),
    log: (id, limit) => agenda().log(id, limit),
    now: () => agenda().now(),
  };
}

/** Takes the next job as a worker does; one that is early is put back. */
async function take(test: Bench, engine = test.engine): Promise<ClaimOutcome | null> {
  const job = test.queue.take('a');
  if (job === null) return null;
  const outcome = await claimTask(engine, { job, worker: 'w', leaseMs: LEASE_MS });
  if (outcome.type === 'early') test.queue.putBack(job, outcome.waitMs);
  else test.queue.finish(job);
  return outcome;
}

async function claimed(test: Bench, engine = test.engine): Promise<ClaimedTask> {
  const outcome = await take(test, engine);
  if (outcome?.type !== 'claimed') throw new Error(`the claim is ${outcome?.type}`);
  return outcome;
}

async function end(
  engine: Engine,
  task: ClaimedTask,
  status: ResultStatus = 'COMPLETED',
): Promise<void> {
  const { run, row, token } = task;
  const { key, attempt } = row;
  const result = { runId: run.id, key, attempt, token, status, output: {}, reason: 'no luck' };
  await completeTask(engine, result, { claimed: task, goOn: null });
  await leaveGate(engine, run.id, row, token);
}

/** Opens the breaker by four failures. */
async function trip(test: Bench): Promise<void> {
  for (let i = 0; i < 4; i += 1) await end(test.engine, await claimed(test), 'FAILED');
  expect((await getCircuit(test, 'bank')).phase).toBe('open');
}

describe('a circuit breaker', () => {
  it('holds tasks of all processes while it is open; nothing is burnt, and all of them complete', async () => {
    const test = await startCalls(9);
    const other = test.another();
    await trip(test);
    await test.time.advance(300);
    for (const engine of [test.engine, other, test.another()]) {
      expect(await take(test, engine)).toMatchObject({ type: 'early' });
    }
    await test.time.advance(6_000);
    const probe = await claimed(test, other);
    expect(await take(test)).toMatchObject({ type: 'early' });
    await end(other, probe);
    expect((await getCircuit(test, 'bank')).events.map(({ type }) => type)).toEqual([
      'closed',
      'opened',
    ]);
    await test.time.advance(3_000);
    for (let i = 0; i < 4; i += 1) {
      const task = await claimed(test);
      expect([task.row.attempt, task.row.deliveries]).toEqual([1, 1]);
      await end(test.engine, task);
    }
    await settle(test);
    const statuses = await Promise.all(
      test.runIds.map(async (runId) => (await runOf(test.engine, runId)).status),
    );
    expect(statuses.filter((status) => status === 'COMPLETED')).toHaveLength(5);
    expect(statuses.filter((status) => status === 'FAILED')).toHaveLength(4);
  });

  it('says in an explanation which target a task waits for', async () => {
    const test = await startCalls(5);
    await trip(test);
    const fleet = createMemoryFleet({ now: () => test.time.now() });
    const taskTypes = ['a'];
    const place = { host: 'here', pid: 1, startedAt: 0, phase: 'ready', inflight: 0 } as const;
    await fleet.beat({ id: 'w1', roles: ['worker'], taskTypes, ...place });
    const [runId] = test.runIds.slice(-1);
    if (runId === undefined) throw new Error('no run');
    const explained = await explainRun(test.engine, fleet, runId);
    expect(explained?.causes.join()).toContain('bank is left alone until 2023-11-14T22:13:25');
    await resetCircuit(test, 'bank', hand);
    expect((await explainRun(test.engine, fleet, runId))?.causes.join()).not.toContain('bank');
  });

  it('is not mended by sweepers: a task that waits for it has its job', async () => {
    const test = await startCalls(5);
    await trip(test);
    expect(await take(test)).toMatchObject({ type: 'early' });
    let repairs = 0;
    for (let seconds = 0; seconds < 40; seconds += 1) {
      await test.time.advance(1_000);
      for (let partition = 0; partition < 4; partition += 1) {
        repairs += (await lookAtRuns(test.engine, partition)).repairs.length;
      }
    }
    expect(repairs).toBe(0);
  });

  it('ends tasks at once where their definition says so, without a retry and without a worker', async () => {
    const test = await startCalls(
      5,
      { whenOpen: 'FAIL' },
      { retryCount: 3, retryDelaySeconds: 60 },
    );
    await trip(test);
    expect(await take(test)).toEqual({ type: 'refused' });
    await coordinate(test.engine);
    const [, , , , last] = test.runIds;
    if (last === undefined) throw new Error('no run');
    const [row] = await test.store.rows(last);
    expect(row).toMatchObject({ attempt: 1, status: 'FAILED_WITH_TERMINAL_ERROR' });
    expect(row?.reason).toContain('CIRCUIT_OPEN: calls of bank');
    expect((await runOf(test.engine, last)).status).toBe('FAILED');
  });

  it('counts time-outs, and takes a terminal error for an answer', async () => {
    const test = await startCalls(8, {}, { timeoutSeconds: 2, timeoutPolicy: 'RETRY' });
    for (let i = 0; i < 4; i += 1) {
      await end(test.engine, await claimed(test), 'FAILED_WITH_TERMINAL_ERROR');
    }
    expect((await getCircuit(test, 'bank')).phase).toBe('closed');
    await resetCircuit(test, 'bank', hand);
    for (let i = 0; i < 4; i += 1) await claimed(test);
    await test.time.advance(2_100);
    for (let partition = 0; partition < 4; partition += 1) await lookAtRuns(test.engine, partition);
    await coordinate(test.engine);
    expect(await getCircuit(test, 'bank')).toMatchObject({ phase: 'open', trips: 1 });
  });

  it('is closed by hand at once, for every process', async () => {
    const test = await startCalls(6);
    await trip(test);
    expect(await take(test)).toMatchObject({ type: 'early' });
    expect(await resetCircuit(test, 'bank', hand)).toMatchObject({ phase: 'closed', trips: 1 });
    await test.time.advance(300);
    await claimed(test, test.another());
    const { events } = await getCircuit(test, 'bank');
    expect(events[0]).toMatchObject({ type: 'reset', ...hand });
    await expect(resetCircuit(test, 'unknown', hand)).rejects.toMatchObject({
      code: 'JN_CIRCUIT_NOT_FOUND',
    });
  });

  it('keeps its probe alive by beats, and opens again when the process of a probe has died', async () => {
    const test = await startCalls(6);
    await trip(test);
    await test.time.advance(6_000);
    const { run, row, token } = await claimed(test);
    for (let beats = 0; beats < 3; beats += 1) {
      await test.time.advance(2_000);
      const beat = { runId: run.id, key: row.key, attempt: 1, token, leaseMs: LEASE_MS };
      expect(await beatClaims(test.engine, [{ ...beat, isProgress: false }])).toEqual([true]);
    }
    expect(await take(test)).toMatchObject({ type: 'early' });
    expect(await getCircuit(test, 'bank')).toMatchObject({ phase: 'half-open', probing: 1 });
    await test.time.advance(3_500);
    expect(await take(test)).toMatchObject({ type: 'early' });
    expect(await getCircuit(test, 'bank')).toMatchObject({ phase: 'open', trips: 2 });
  });

  it('C1 gives a probe that was not to be claimed to another', async () => {
    const test = await startCalls(6);
    await trip(test);
    await test.time.advance(6_000);
    const job = test.queue.take('a');
    if (job === null) throw new Error('no job');
    const stale = { ...job, dispatch: job.dispatch + 1 };
    const outcome = await claimTask(test.engine, { job: stale, worker: 'w', leaseMs: LEASE_MS });
    expect(outcome.type).not.toBe('claimed');
    await claimed(test);
  });

  it('C2 is visited a few times for a thousand calls that succeed', async () => {
    const test = await startCalls(200);
    for (let i = 0; i < 200; i += 1) await end(test.engine, await claimed(test));
    expect(test.visits()).toBeLessThan(10);
    expect(await getCircuit(test, 'bank')).toMatchObject({ phase: 'closed', failed: 0 });
  });

  it('C4 stops nobody when it cannot be read, and loses no result', async () => {
    const test = await startCalls(1);
    const details = { key: 'circuits', problem: 'circuit/bank cannot be read' };
    const find = () => Promise.reject(joineryError('JN_STORE_CORRUPT', details));
    const broken = test.another({ circuits: { ...test.circuits, find } });
    const task = await claimed(test, broken);
    expect(test.logger.events()).toContain('circuit.unreadable');
    await end(broken, task, 'FAILED');
    expect(test.logger.events()).toContain('circuit.not-told');
    expect(await test.store.rows(task.run.id)).toMatchObject([{ status: 'FAILED' }]);
  });

  it('reports what it could not report as soon as it can', async () => {
    const test = await startCalls(6);
    let isAway = true;
    const find: Agenda['find'] = (id) =>
      isAway ? Promise.reject(new Error('away')) : test.circuits.find(id);
    const { engine } = test;
    const cut = test.another({ circuits: { ...test.circuits, find } });
    const tasks = [await claimed(test), await claimed(test), await claimed(test)];
    for (const task of tasks) await end(cut, task, 'FAILED');
    isAway = false;
    await end(cut, await claimed(test, engine), 'FAILED');
    expect(await getCircuit(test, 'bank')).toMatchObject({ phase: 'open', trips: 1 });
  });

  it('C5 is asked once by all who ask at once, and for probes as often as there are some', async () => {
    const test = await startCalls(4, { probes: 2 });
    await trip(test);
    await test.time.advance(6_000);
    const [runId] = test.runIds;
    const [row] = runId === undefined ? [] : await test.store.rows(runId);
    const circuit = row?.limits?.circuit;
    if (circuit === undefined) throw new Error('no breaker');
    const before = test.visits();
    const told = await Promise.all(
      Array.from({ length: 500 }, (_none, index) =>
        test.engine.breakers.ask(circuit, `ask-${index}`, LEASE_MS),
      ),
    );
    expect(told.filter(({ type }) => type === 'probe')).toHaveLength(2);
    // Two probes, a find and a commit each.
    expect(test.visits() - before).toBe(4);
  });

  it('is forgotten a day after its last use', async () => {
    const test = await startCalls(4);
    await trip(test);
    expect(await forgetCircuits(test)).toBe(0);
    await test.time.advance(86_400_000);
    expect(await forgetCircuits(test)).toBe(1);
    expect(await listCircuits(test)).toEqual([]);
  });
});
