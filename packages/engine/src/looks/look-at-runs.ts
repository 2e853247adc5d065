import { type Finding } from '@joinery/store';
import { nudge } from '../letters/nudge.ts';
import { type Engine } from '../engine.ts';
import { relayLetters } from '../letters/relay-letters.ts';
import { type Repair, repairFindings, type RepairOptions } from './repair-run.ts';

/** What a look at a partition has found and done. */
export interface LookReport {
  /** Runs that were due; as many as `limit` means that more may be. */
  readonly takenCount: number;
  readonly nudgedCount: number;
  readonly repairs: readonly Repair[];
  /** Longest time for which one of them has waited for a decision, ms. */
  readonly waitingMs: number;
  /** The store's clock went forward by this since the last take, ms; 0 = by less than 10 s. */
  readonly gapMs: number;
}

/**
 * Looks at the runs of a partition at which somebody must look now: wakes coordinators for those that need a decision,
 * and mends what has diverged from the queues. Decides nothing. Whoever dies in the middle has only delayed it by 1 s.
 */
export async function lookAtRuns(
  engine: Engine,
  partition: number,
  { limit = 200, dryRun = false }: RepairOptions & { readonly limit?: number } = {},
): Promise<LookReport> {
  const { runIds, gapMs, forgotten } = await engine.store.take(partition, limit);
  if (runIds.length === 0)
    return { takenCount: 0, nudgedCount: 0, repairs: [], waitingMs: 0, gapMs };
  const findings = await engine.store.look(partition, runIds);
  const dirty = findings
    .filter((finding) => finding.needsDecision && finding.corrupt === '')
    .map((finding) => finding.runId);
  if (!dryRun) await nudge(engine, dirty);
  if (!dryRun) await relayAgain(engine, findings);
  const repairs = [
    ...forgotten.map((runId): Repair => ({ runId, kind: 'lost-attention', key: '' })),
    ...(await repairFindings(engine, findings, { dryRun })),
  ];
  const waitingMs = Math.max(0, ...findings.map((finding) => finding.waitingMs));
  return { takenCount: runIds.length, nudgedCount: dirty.length, repairs, waitingMs, gapMs };
}

/** Letters to other runs that writers and schedulers have left lying. */
async function relayAgain(engine: Engine, findings: readonly Finding[]): Promise<void> {
  const letters = findings.flatMap((finding) => finding.letters);
  if (letters.length === 0) return;
  engine.logger.warn(
    { event: 'letters.found', count: letters.length },
    'letters to other runs were not acknowledged in time; they are delivered again',
  );
  await relayLetters(
    engine,
    letters.map(({ runId, definition, letter }) => ({ runId, definition, traceId: '', letter })),
  );
}
