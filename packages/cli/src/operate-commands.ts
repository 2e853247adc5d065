import { joineryError, type Operation, parseRunId, type RunId } from '@joinery/core';
import {
  decideRun,
  type Engine,
  explainRun,
  operateRun,
  rebuildIndex,
  ORPHAN_GRACE_MS,
  type QueuePosition,
  type QueueReport,
  type Repair,
  repairQueue,
  repairRun,
} from '@joinery/engine';
import { exitCodes } from '@joinery/kit';
import { setTimeout as delay } from 'node:timers/promises';
import { openSession, type Session } from './session.ts';
import { type Terminal } from './terminal.ts';
import { renderExplanation } from './render-run.ts';

/** A command about runs: what it does with an open session, and its exit code. */
export type SessionWork = (session: Session) => Promise<number>;

/** Runs a command with an engine of its own, and lets go of it whatever happens. */
export async function withSession(
  terminal: Terminal,
  name: string,
  work: SessionWork,
): Promise<number> {
  // What looks and repairs must not evaluate in a further process: it may be that process.
  const session = await openSession(terminal, { name, isRole: false, canIsolate: false });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** The id of the command line; what cannot be one names no run. */
export function runIdOf(text: string): RunId {
  const runId = parseRunId(text);
  if (runId === null) throw joineryError('JN_RUN_NOT_FOUND', { runId: text });
  return runId;
}

/** `joinery explain` */
export async function explain(terminal: Terminal, session: Session, id: string): Promise<number> {
  const { engine, fleet } = session.open;
  const runId = runIdOf(id);
  const why = await explainRun(engine, fleet, runId);
  if (why === null) throw joineryError('JN_RUN_NOT_FOUND', { runId });
  for (const line of renderExplanation(why, engine.clock.now())) terminal.out(line);
  return exitCodes.ok;
}

/** `joinery rebuild-index` */
export async function rebuild(terminal: Terminal, { open }: Session): Promise<number> {
  const { store, index } = open;
  terminal.out(`indexed ${await rebuildIndex({ store, index })}`);
  return exitCodes.ok;
}

/** `joinery decide` */
export async function decide(terminal: Terminal, session: Session, id: string): Promise<number> {
  const runId = runIdOf(id);
  const outcome = await decideRun(session.open.engine, runId);
  switch (outcome.type) {
    case 'gone':
      throw joineryError('JN_RUN_NOT_FOUND', { runId });
    case 'clean':
      terminal.out(`nothing is to be decided; the run is ${outcome.status}`);
      return exitCodes.ok;
    case 'decided':
      terminal.out(
        `decided; the run is ${outcome.status}${outcome.hasMore ? ', more is left' : ''}`,
      );
      return exitCodes.ok;
    case 'isolated':
      terminal.out('decided in a process of its own');
      return exitCodes.ok;
    case 'busy':
      terminal.out('somebody else is deciding it; nothing is lost');
      return exitCodes.ok;
    case 'failed':
      terminal.err(`the run was ended FAILED, because it cannot be decided: ${outcome.reason}`);
      return exitCodes.failed;
  }
}

/** `joinery pause`, `resume`, `terminate` */
export async function operate(
  terminal: Terminal,
  session: Session,
  request: { readonly id: string; readonly operation: Operation },
): Promise<number> {
  const runId = runIdOf(request.id);
  const { operation } = request;
  const actor = `joinery ${operation.type}`;
  const { engine } = session.open;
  const { status } = await operateRun(engine, { runId, operation, actor });
  // What follows from it is decided here at once: perhaps no coordinator is live.
  const outcome = await decideRun(engine, runId);
  terminal.out(`the run is ${'status' in outcome ? outcome.status : status}`);
  return exitCodes.ok;
}

/** Runs that one call looks at: the newest ones, as the list gives them. */
const RUNS_LIMIT = 10_000;

/** `joinery repair`: one run, or every run and queue that there is. */
export async function repair(
  terminal: Terminal,
  session: Session,
  { id, dryRun }: { readonly id?: string | undefined; readonly dryRun: boolean },
): Promise<number> {
  const { engine } = session.open;
  const repairs =
    id === undefined ? await repairAll(engine, dryRun) : await repairOne(engine, id, dryRun);
  const verb = dryRun ? 'would repair' : 'repaired';
  for (const { runId, kind, key } of repairs) terminal.out(`${verb} ${kind} ${runId} ${key}`);
  terminal.out(repairs.length === 0 ? 'nothing is to be repaired' : `${verb} ${repairs.length}`);
  return exitCodes.ok;
}

async function repairOne(engine: Engine, id: string, dryRun: boolean): Promise<readonly Repair[]> {
  const runId = runIdOf(id);
  const run = await engine.store.find(runId);
  if (run === null) throw joineryError('JN_RUN_NOT_FOUND', { runId });
  return repairRun(engine, runId, { dryRun });
}

async function repairAll(engine: Engine, dryRun: boolean): Promise<readonly Repair[]> {
  const repairs: Repair[] = [];
  const runs = await engine.store.list(RUNS_LIMIT);
  for (const { runId, endedAt } of runs) {
    if (endedAt === 0) repairs.push(...(await repairRun(engine, runId, { dryRun })));
  }
  for (const taskType of await engine.queue.taskTypes()) {
    let from: QueuePosition | null = null;
    do {
      const report: QueueReport = await repairQueue(engine, taskType, { from, dryRun });
      repairs.push(...report.repairs);
      from = report.next;
      if (from !== null && from.suspects.length > 0) await delay(ORPHAN_GRACE_MS);
    } while (from !== null);
  }
  return repairs;
}
