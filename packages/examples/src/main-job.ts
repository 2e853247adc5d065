/*
 * The main job: a question about flights, answered by a nested fork/join workflow in separate worker processes, checked
 * against a computation without an engine, and answered again while one of the workers is killed.
 */
import { type RecordedEvent, type RunId } from '@joinery/core';
import { type Config, redactUrls, systemClock } from '@joinery/kit';
import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { type EngineRoles, openRoles } from './demo/engine-roles.ts';
import { killInside } from './demo/kill-inside.ts';
import { nextSteps, obituaryOf, redeliveriesOf } from './demo/narration.ts';
import { drawRun } from './demo/run-picture.ts';
import { createProgress, type Screen } from './demo/run-progress.ts';
import { type Crew, openCrew } from './demo/worker-crew.ts';
import { type Answer } from './flights/answer.ts';
import { type AnsweredRun, askAboutFlights, awaitAnswer } from './flights/answered-run.ts';
import { directAnswer } from './flights/direct-answer.ts';
import { readAirports, readFlights } from './flights/flight.ts';
import { readFlightWorkflow } from './flights/flight-workflow.ts';
import { formatAnswer } from './flights/format-answer.ts';

/** What the main job is told. */
export interface MainJobOptions {
  readonly config: Config;
  /** Where `.joinery/` is, when no Redis is named. */
  readonly cwd: string;
  readonly screen: Screen & { readonly width: number };
  /** Stay, with a server, until the signal fires. */
  readonly isServing: boolean;
  /** Ctrl-C: everything is let go of, and the job rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

const WORKERS = 3;
/** Airports to compare, and how thoroughly: some tens of milliseconds of computing for an airport and month. */
const QUESTION = { airports: 8, resamples: 6_000 };
/** In the second run a worker dies in the hands of its fourth airport: some are done by then, most are not. */
const KILL = { taskType: 'airport_delays', at: 4 };

interface Job extends MainJobOptions {
  readonly roles: EngineRoles;
  readonly crew: Crew;
  readonly say: (...lines: readonly string[]) => void;
}

/** Does it. Resolves to the exit code: 0 when both runs gave the right answer. */
export async function runMainJob(options: MainJobOptions): Promise<number> {
  const { config, cwd, screen, isServing, signal } = options;
  const say = (...lines: readonly string[]): void => {
    for (const line of lines) screen.write(`${line}\n`);
  };
  say('From which airports, and when, do flights run late? And does the distance matter?');
  say('20,000 flights within the USA, January to March 2001 (vega-datasets).', '');
  await using roles = await openRoles({ config, cwd, isServing, say });
  await using crew = await openCrew(WORKERS, roles.redisUrl);
  const names = crew.members.map(({ label, pid }) => `${label} = ${pid}`).join(', ');
  say(`Redis at ${redactUrls(roles.redisUrl)}, engine in process ${process.pid}, workers ${names}`);
  const job: Job = { ...options, roles, crew, say };
  const answer = await answerOfFirstRun(job);
  const isRight = answer !== null && (await isSecondRunRight(job, answer));
  say('', ...(isRight ? nextSteps(roles.serverUrl) : ['Something is wrong; see above.']));
  if (isServing && !signal.aborted) await once(signal, 'abort');
  return isRight ? 0 : 1;
}

/** Answers the question, and checks the answer. Null = it is not right. */
async function answerOfFirstRun(job: Job): Promise<Answer | null> {
  const { say } = job;
  say('', 'First run', '');
  const run = await showRun(job, await askAboutFlights(job.roles.session.open.engine, QUESTION));
  if (run.answer === null) return null;
  say(...formatAnswer(run.answer), '', ...(await pictureOf(job, run)), '');
  const data = { flights: readFlights(), names: readAirports() };
  const expected = await directAnswer({ ...QUESTION, ...data });
  if (isDeepStrictEqual(run.answer, expected)) {
    say('The answer equals the one that was computed without the engine.');
    return run.answer;
  }
  say('The answer DIFFERS from the one that was computed without the engine:');
  say(JSON.stringify(expected));
  return null;
}

/** Answers it again while a worker dies with a task in hand. */
async function isSecondRunRight(job: Job, expected: Answer): Promise<boolean> {
  const { say, crew, roles } = job;
  say('', 'Second run: a worker is killed inside a handler', '');
  const runId = await askAboutFlights(roles.session.open.engine, QUESTION);
  const killing = killInside(crew, { ...KILL, runId });
  const run = await showRun(job, runId, killing.then(obituaryOf));
  crew.listen(null);
  const killed = await Promise.race([killing, Promise.resolve(null)]);
  if (killed === null) {
    say('No worker could be killed inside a handler: this run proves nothing.');
    return false;
  }
  say(...(await pictureOf(job, run)), '', ...redeliveriesOf(run, killed, crew.members));
  const isSame = isDeepStrictEqual(run.answer, expected);
  say(isSame ? 'The answer is the same as that of the first run.' : 'The answer DIFFERS.');
  return isSame;
}

/** Shows how a run comes along, and how it ended. */
async function showRun(
  { roles, screen, signal, say }: Job,
  runId: RunId,
  news?: Promise<string>,
): Promise<AnsweredRun> {
  const progress = createProgress(screen, () => systemClock.now());
  void news?.then(progress.note);
  const onEvent = (event: RecordedEvent): void => {
    progress.show(event);
  };
  try {
    const { store } = roles.session.open;
    const run = await awaitAnswer({ store, runId, onEvent, signal });
    progress.end();
    say(`run ${runId} ${run.status}`, '');
    return run;
  } finally {
    progress.end();
  }
}

async function pictureOf(
  { roles, crew, screen }: Job,
  run: AnsweredRun,
): Promise<readonly string[]> {
  return drawRun({
    definition: readFlightWorkflow(),
    rows: await roles.session.open.store.rows(run.runId),
    history: run.history,
    workers: new Map(crew.members.map(({ workerId, label }) => [workerId, label])),
    width: screen.width,
  });
}
