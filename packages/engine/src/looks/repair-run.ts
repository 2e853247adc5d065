import {
  type DispatchLetter,
  isTerminalRun,
  partitionOf,
  type RepairKind,
  type RunId,
  type TaskRow,
  workerTypeOf,
} from '@joinery/core';
import { type Finding, type OutboxLetter, type RedeliverArgs } from '@joinery/store';
import { completePoison } from '../tasks/complete-poison.ts';
import { isDeterministic } from '../decisions/deterministic-error.ts';
import { type Engine } from '../engine.ts';
import { failRun } from '../decisions/fail-run.ts';
import { gateMemberOf } from '../gates/gate-member.ts';
import { jobOf } from '../letters/enqueue-letters.ts';
import { relayLetters } from '../letters/relay-letters.ts';

/** One disagreement, and whether it was mended. */
export interface Repair {
  readonly runId: RunId;
  readonly kind: RepairKind | 'corrupt-run' | 'lost-attention';
  /** Task key or job id; empty for the run itself. */
  readonly key: string;
}

/** How repairs are made. */
export interface RepairOptions {
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean;
}

/** An attempt whose dispatch or claim has come to nothing. */
type Lost = Pick<RedeliverArgs, 'runId' | 'key' | 'attempt' | 'dispatch'> & {
  readonly definition: string;
  readonly repair: 'lost-job' | 'claim-ended';
};

/** Mends what looks have found: claims without a result, dispatches without a job, records that cannot be read. */
export async function repairFindings(
  engine: Engine,
  findings: readonly Finding[],
  options: RepairOptions = {},
): Promise<readonly Repair[]> {
  const repairs: Repair[] = [];
  const isReal = options.dryRun !== true;
  for (const finding of findings) {
    const { runId, corrupt } = finding;
    if (corrupt === '') continue;
    const isMended = !isReal || (await mend(engine, runId, () => failCorrupt(engine, finding)));
    if (isMended) repairs.push({ runId, kind: 'corrupt-run', key: '' });
  }
  const readable = findings.filter((finding) => finding.corrupt === '');
  const checks = readable.flatMap((finding) => finding.checks);
  const lost = [...readable.flatMap(endedClaims), ...(await lostJobs(engine, checks))];
  for (const item of lost) {
    const { runId, key, repair } = item;
    const isMended = !isReal || (await mend(engine, runId, () => redeliver(engine, item)));
    if (isMended) repairs.push({ runId, kind: repair, key });
  }
  return repairs;
}

/** One run that cannot be mended must not stop its neighbours; a store that is away stops all of them. */
async function mend(engine: Engine, runId: RunId, work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await work();
  } catch (err) {
    if (!isDeterministic(err)) throw err;
    engine.logger.error(
      { event: 'repair.failed', runId, err },
      'a run cannot be mended: its record is not readable; look at it by hand',
    );
    return false;
  }
}

/** Looks at one run now, whatever is due, and mends it. For operators; the sweeper goes by what is due. */
export async function repairRun(
  engine: Engine,
  runId: RunId,
  options: RepairOptions = {},
): Promise<readonly Repair[]> {
  const findings = await engine.store.look(partitionOf(runId), [runId]);
  const run = await engine.store.find(runId);
  if (run === null || isTerminalRun(run.status)) return repairFindings(engine, findings, options);
  const rows = await engine.store.rows(runId);
  const letters = rows.filter(isWaiting).map((row) => letterOf(runId, run.definition, row));
  return repairFindings(
    engine,
    findings.map((finding) => withChecks(finding, letters)),
    options,
  );
}

function withChecks(finding: Finding, checks: readonly OutboxLetter<DispatchLetter>[]): Finding {
  return { ...finding, checks };
}

function endedClaims({ runId, definition, endedClaims: claims }: Finding): Lost[] {
  return claims.map((claim) => ({ ...claim, runId, definition, repair: 'claim-ended' }));
}

/** The letters whose job is not there in any state. One question for all of them. */
async function lostJobs(
  engine: Engine,
  checks: readonly OutboxLetter<DispatchLetter>[],
): Promise<Lost[]> {
  if (checks.length === 0) return [];
  const jobs = checks.map((check) => jobOf({ ...check, traceId: '' }));
  const exists = await engine.queue.exists(jobs);
  const absent = checks.filter((_check, index) => exists[index] === false);
  const isInLine = await Promise.all(absent.map((check) => waitsAtGate(engine, check)));
  return absent.flatMap(({ runId, definition, letter }, index) => {
    const { key, attempt, dispatch } = letter;
    return isInLine[index] === true
      ? []
      : [{ runId, key, attempt, dispatch, definition, repair: 'lost-job' }];
  });
}

/** It waits for its turn, and is called without a job. */
async function waitsAtGate(
  engine: Engine,
  { runId, letter }: OutboxLetter<DispatchLetter>,
): Promise<boolean> {
  const member = gateMemberOf(runId, letter, '');
  if (member === null) return false;
  const [isKnown = false] = await engine.gates.knows(member.gate, [member.member]);
  return isKnown;
}

/** Sends an attempt again; false when it has moved on in the meantime. */
async function redeliver(engine: Engine, lost: Lost): Promise<boolean> {
  const { definition, ...task } = lost;
  const { runId, key, attempt, repair } = task;
  await engine.crashPoint?.('before-repair');
  const actor = engine.actor('repair-run');
  const reply = await engine.store.redeliver({ ...task, token: '', delayMs: 0, actor });
  if (reply.type === 'poison') await completePoison(engine, { runId, key, attempt }, reply);
  if (reply.type !== 'redelivered') return reply.type === 'poison';
  noteRepair(engine, { runId, kind: repair, key });
  await relayLetters(engine, [{ runId, definition, traceId: '', letter: reply.letter }]);
  return true;
}

async function failCorrupt(engine: Engine, { runId, corrupt }: Finding): Promise<boolean> {
  await failRun(engine, runId, `look: ${corrupt}`);
  engine.meters.repaired('corrupt-run');
  return true;
}

/** Counts and logs one repair. */
export function noteRepair(
  engine: Engine,
  { runId, kind, key }: { readonly runId: RunId; readonly kind: RepairKind; readonly key: string },
): void {
  engine.meters.repaired(kind);
  engine.logger.warn(
    { event: 'repair.done', runId, kind, taskRef: key },
    'store and queues agree again',
  );
}

function isWaiting(row: TaskRow): boolean {
  return row.status === 'SCHEDULED' && row.dispatch > 0;
}

function letterOf(runId: RunId, definition: string, row: TaskRow): OutboxLetter<DispatchLetter> {
  const { key, ref, attempt, dispatch, priority, limits, scheduledAt: at } = row;
  const taskType = workerTypeOf(row);
  const letter = { type: 'dispatch', key, ref, taskType, attempt, dispatch, priority } as const;
  return { runId, definition, letter: limits === undefined ? letter : { ...letter, limits }, at };
}
