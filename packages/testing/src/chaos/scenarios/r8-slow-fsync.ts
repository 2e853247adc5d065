import { type RecordedEvent, type RunId } from '@joinery/core';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../eventually.ts';
import { readEpoch, readHistories } from '../read-histories.ts';
import { type RunLoad } from '../run-load.ts';
import { type Scenario } from '../scenario.ts';
import { everybody, type Stage } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** How long each fsync takes, ms: longer than the second between two of them. */
const FSYNC_MS = 1_500;
/** Load under slow fsyncs before the kill, ms. */
const LOADED_MS = 3_000;
/** How often a moment is looked for in which writes are put off. */
const TRIES = 10;
/** Runs that may have done something within the seconds that can be lost. */
const RECENT = 200;
/** What was sent before the senders were stopped is answered after this, ms. */
const SETTLES_MS = 50;

/** R8: a disk that does not keep up, and then a kill. */
export const slowFsync: Scenario = {
  id: 'R8',
  title: 'Fsync is slow, and Redis is killed meanwhile',
  hypothesis:
    'Redis puts writes off and answers all the same; what a kill loses then is a suffix of each run, and the run completes.',
  method: `Nested fork-joins, 20 at a time; append-only file, fsync each second, each delayed by ${FSYNC_MS / 1_000} s (strace). When Redis holds writes back, all processes are stopped (SIGSTOP), the histories read, Redis is killed and started again, and the histories compared. A fault counts when \`aof_buffer_length\` was more than 0 right before the kill. Figures: bufferedBytes is its sum, delayedFsync what Redis counted as \`aof_delayed_fsync\`, lostEvents how many events were gone, lostRuns how many acknowledged starts.`,
  notTested: ['errors of the disk', 'appendfsync always'],
  rules: ['H1', 'H2', 'H6', 'H10', 'H16', 'H22', 'H27', 'H31', 'H32'],
  needs: ['strace'],
  sizes: {
    test: { runs: 20, faults: 1 },
    default: { runs: 60, faults: 6 },
    release: { runs: 600, faults: 100 },
  },
  play: underLoad({
    redis: { appendonly: true },
    faultName: 'SIGKILL of Redis during an fsync',
    everyMs: 500,
    fault: killSlowly,
    decidesWithinMs: Number.POSITIVE_INFINITY,
  }),
};

async function killSlowly(stage: Stage, _index: number, load: RunLoad): Promise<boolean> {
  const tracer = await slowDown(stage.redis.pid);
  await delay(LOADED_MS);
  const members = everybody(stage);
  const { store } = stage.client.client;
  let held = await standStill(stage, load);
  for (let count = 1; count < TRIES && held.bufferedBytes === 0; count += 1) {
    for (const member of members) member.resume();
    held = await standStill(stage, load);
  }
  await stage.log.outage(async () => {
    await stage.redis.kill();
    await ended(tracer);
    await stage.redis.restart();
  });
  const { runIds, before, survived, bufferedBytes, delayedFsync } = held;
  stage.log.count('delayedFsync', delayedFsync);
  stage.log.count('bufferedBytes', bufferedBytes);
  const after = await readHistories(store, runIds);
  for (const member of members) member.resume();
  const isNoted = async (): Promise<boolean> => (await readEpoch(stage.raw)) > survived;
  await eventually(isNoted, { withinMs: 10_000 }).catch(() => false);
  const epochs = { survived, noted: await readEpoch(stage.raw) };
  const commitCount = stage.fleet.commits().length;
  for (const runId of runIds) {
    const histories = { before: before.get(runId) ?? [], after: after.get(runId) ?? [] };
    stage.log.losses.push({ note: { runId, ...histories, epochs }, commitCount });
  }
  return bufferedBytes > 0;
}

/** What was there right before the kill, with nobody at work. */
interface Held {
  readonly runIds: readonly RunId[];
  readonly before: ReadonlyMap<RunId, readonly RecordedEvent[]>;
  readonly survived: number;
  readonly bufferedBytes: number;
  readonly delayedFsync: number;
}

/** Stops everybody as soon as Redis holds writes back; what it still holds is read last. */
async function standStill(stage: Stage, load: RunLoad): Promise<Held> {
  const isPutOff = async (): Promise<boolean> =>
    (await persistenceOf(stage, 'aof_buffer_length')) > 0;
  await eventually(isPutOff, { withinMs: 5_000, everyMs: 5 }).catch(() => false);
  for (const member of everybody(stage)) member.pause();
  await delay(SETTLES_MS);
  const runIds = load.runs.slice(-RECENT).map(({ runId }) => runId);
  return {
    runIds,
    before: await readHistories(stage.client.client.store, runIds),
    survived: await readEpoch(stage.raw),
    delayedFsync: await persistenceOf(stage, 'aof_delayed_fsync'),
    bufferedBytes: await persistenceOf(stage, 'aof_buffer_length'),
  };
}

async function persistenceOf({ raw }: Stage, field: string): Promise<number> {
  const info = await raw.info('persistence');
  return Number(new RegExp(`${field}:(\\d+)`).exec(info)?.[1] ?? 0);
}

/** From now on every fsync of this server takes long. */
async function slowDown(pid: number): Promise<ChildProcess> {
  const inject = `inject=fdatasync,fsync:delay_enter=${FSYNC_MS * 1_000}`;
  const args = ['-f', '-o', '/dev/null', '-e', inject, '-p', String(pid)];
  const tracer = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  // It says that it has attached.
  await once(tracer.stderr, 'data');
  return tracer;
}

async function ended(tracer: ChildProcess): Promise<void> {
  if (tracer.exitCode === null && tracer.signalCode === null) await once(tracer, 'exit');
}
