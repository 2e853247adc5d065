import {
  getSchedule,
  putSchedule,
  registerDefinition,
  removeSchedule,
  scheduleEvents,
  type Scheduling,
} from '@joinery/engine';
import { isJsonObject, type Json, type RunId } from '@joinery/core';
import { eventually } from '../../eventually.ts';
import { chain } from '../../workloads/known-workloads.ts';
import { type Edge, PASSAGES, type Passage } from '../calendar-edges.ts';
import { conclude } from '../conclude.ts';
import { type PlayedRun } from '../judge-stage.ts';
import { jump, openJumpingRedis, timeOf } from '../jumping-redis.ts';
import { type Scenario } from '../scenario.ts';
import { openStage, pick, type Stage } from '../stage.ts';
import { timeLimit } from '../time-limit.ts';

const workload = chain(1);
/** Less than after what a firing counts as missed, with the 5 s for which a dead scheduler may have kept it, ms. */
const STEP_MS = 3_000;
/** Steps from one SIGKILL of a scheduler to the next. */
const KILL_EVERY = 4;
const SETTLES_WITHIN_MS = 30_000;
/** All firings of one copy of each schedule. */
const FIRINGS = PASSAGES.flatMap(({ edges }) => edges.flatMap(({ firings }) => firings)).length;

/** T4: the days on which calendars go wrong. */
export const calendarEdges: Scenario = {
  id: 'T4',
  title: 'Schedules meet the edges of the calendar, and schedulers die there',
  hypothesis:
    'Each firing that calendar and policy ask for starts one run, and no other does: when a zone’s clock is set, on leap days, and after an hour in which nobody was there.',
  method: `Schedules in Europe/Berlin and UTC, as many copies of each as the size has room for, on a Redis whose wall clock is set forward. It goes through ${PASSAGES.map(({ what, from }) => `${from.slice(0, 10)} (${what})`).join(', ')}, in steps of ${STEP_MS / 1_000} s; at every ${KILL_EVERY}th step a scheduler gets a SIGKILL. Policies for missed runs: all, latest, none. A fault is a firing that must come, and counts when it started its run; one that is missing or too many, or two runs of one session, make the performance invalid. Figure: schedulerKills.`,
  notTested: [
    'calendars of other years: property tests of the core',
    'clocks of schedulers that are off: only Redis’ counts (T1)',
  ],
  rules: ['H1', 'H3', 'H6', 'H10', 'H22', 'H27'],
  needs: ['cc'],
  sizes: {
    test: { runs: FIRINGS, faults: FIRINGS },
    default: { runs: 10 * FIRINGS, faults: 10 * FIRINGS },
    release: { runs: 60 * FIRINGS, faults: 60 * FIRINGS },
  },
  play: async ({ faults, seed, bundle, say, forMs }) => {
    await using stage = await openStage({
      seed,
      openRedis: openJumpingRedis,
      fleet: {
        roles: { worker: 1, coordinator: 1, scheduler: 2, sweeper: 1 },
        spares: 3,
        // The clock goes on by more than a year.
        env: { JOINERY_RETENTION_COMPLETED: '365d', JOINERY_RETENTION_OTHER: '365d' },
      },
      ...(bundle && { bundle }),
    });
    await registerDefinition(stage.client.client.engine, workload.definition);
    const isTimeOver = timeLimit(forMs);
    let faultsPlanned = 0;
    for (const passage of PASSAGES) {
      if (isTimeOver()) break;
      faultsPlanned += await goThrough(stage, passage, Math.ceil(faults / FIRINGS));
      say(`${passage.what}: ${faultsPlanned} firings so far`);
    }
    const runs = await startedRuns(stage);
    const bound = { decidesWithinMs: Number.POSITIVE_INFINITY };
    return await conclude(stage, { workload, runs, faultsPlanned, ...bound });
  },
};

/** One edge with all copies of its schedules; answers how many firings there had to be. */
async function goThrough(stage: Stage, passage: Passage, copies: number): Promise<number> {
  const parts = schedulingOf(stage);
  await jump(stage, Date.parse(passage.from) - (await timeOf(stage.raw)));
  const schedules = passage.edges.flatMap((edge) =>
    Array.from({ length: copies }, (_, copy) => ({ edge, name: `${edge.name}_${copy}` })),
  );
  const names = schedules.map(({ name }) => name);
  for (const { edge, name } of schedules) await putSchedule(parts, scheduleOf(edge, name));
  for (const { until, isDead } of passage.steps) {
    if (isDead) await leapTo(stage, until);
    else await walkTo(stage, until, names);
  }
  await settle(stage, names);
  for (const { edge, name } of schedules) await judge(stage, edge, name);
  for (const name of names) await removeSchedule(parts, name);
  return schedules.reduce((sum, { edge: { firings } }) => sum + firings.length, 0);
}

function scheduleOf({ cron, zone, missedRuns }: Edge, name: string): Json {
  return { name, workflow: { name: workload.name, input: { seed: 0 } }, cron, zone, missedRuns };
}

function schedulingOf({ client }: Stage): Scheduling {
  const { engine, agenda } = client.client;
  return { engine, agenda };
}

/** Step by step, so that nothing is missed; schedulers die meanwhile. */
async function walkTo(stage: Stage, until: string, names: readonly string[]): Promise<void> {
  for (let step = 1; ; step += 1) {
    const leftMs = Date.parse(until) - (await timeOf(stage.raw));
    if (leftMs <= 0) return;
    await jump(stage, Math.min(leftMs, STEP_MS));
    if (step % KILL_EVERY === 0) {
      await stage.fleet.replace(pick(stage, stage.fleet.members('scheduler')));
      stage.log.count('schedulerKills', 1);
    }
    await settle(stage, names);
  }
}

/** At once, with nobody there. */
async function leapTo(stage: Stage, until: string): Promise<void> {
  const schedulers = stage.fleet.members('scheduler');
  await Promise.all(schedulers.map((member) => member.kill()));
  stage.log.count('schedulerKills', schedulers.length);
  await jump(stage, Date.parse(until) - (await timeOf(stage.raw)));
  await stage.fleet.restock('scheduler');
}

/** Until every schedule has been looked at: none is due any more. */
async function settle(stage: Stage, names: readonly string[]): Promise<void> {
  const parts = schedulingOf(stage);
  const isSettled = async (): Promise<boolean> => {
    const now = await timeOf(stage.raw);
    const states = await Promise.all(names.map((name) => getSchedule(parts, name)));
    return states.every(({ next }) => next === null || next.dueAt > now);
  };
  await eventually(isSettled, { withinMs: SETTLES_WITHIN_MS, everyMs: 20 });
}

/** H17 for schedules: what has fired is what had to fire. */
async function judge(stage: Stage, { firings }: Edge, name: string): Promise<void> {
  const events = await scheduleEvents(schedulingOf(stage), name, 200);
  const fired = events.flatMap((event) => (event.type === 'started' ? [event.sessionAt] : []));
  const wanted = firings.map((moment) => Date.parse(moment));
  for (const at of wanted) {
    const isFired = fired.includes(at);
    await stage.log.inject('a firing', async () => isFired);
    if (!isFired) stage.log.problems.push(`H17: ${name} did not fire for ${momentOf(at)}`);
  }
  const extra = fired.filter((at, index) => !wanted.includes(at) || fired.indexOf(at) !== index);
  for (const at of extra) {
    stage.log.problems.push(`H17: ${name} fired once too often for ${momentOf(at)}`);
  }
}

function momentOf(at: number): string {
  return new Date(at).toISOString();
}

/** All runs that are there; two of one session are a double. */
async function startedRuns({ client, log }: Stage): Promise<readonly PlayedRun[]> {
  const { store } = client.client;
  const seen = new Map<string, RunId>();
  const listed = await store.list(1_000_000);
  for (const { runId } of listed) {
    const session = sessionOf(await store.payload(runId, 'run:input'));
    const other = seen.get(session);
    if (other !== undefined) log.problems.push(`H3: ${other} and ${runId} are both ${session}`);
    seen.set(session, runId);
  }
  return listed.map(({ runId }) => ({ runId, seed: 0 }));
}

function sessionOf(input: Json | null): string {
  if (input === null || !isJsonObject(input)) return 'nothing';
  return JSON.stringify([input['_startedByScheduler'], input['_scheduledTime']]);
}
