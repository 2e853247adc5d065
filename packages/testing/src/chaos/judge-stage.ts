import { parseRunId, type RunStatus } from '@joinery/core';
import { type Case, checkHistory } from '../history/check-history.ts';
import {
  type CommitNote,
  expectCompleted,
  readEvidence,
  type Witnesses,
} from '../history/evidence.ts';
import { type ClientCall } from '../history/judge-clients.ts';
import { type Workload } from '../workloads/workload.ts';
import { countMarks, type Mark } from './chaos-marks.ts';
import { type FaultLog } from './fault-log.ts';
import { type SeededRun } from './judge-system.ts';
import { type LocalSystem } from './local-system.ts';
import { countClasses, timesOf } from './outcome-counts.ts';
import { type ProcessFleet } from './process-fleet.ts';
import { readLeftovers } from './read-leftovers.ts';
import { type CommitLine } from './role-messages.ts';
import { type Outcome } from './scenario.ts';

/** A run, and its workload where that is not the one of the others. */
export interface PlayedRun extends SeededRun {
  readonly workload?: Workload;
  /** How it may end, where that is not COMPLETED alone. */
  readonly accepts?: readonly RunStatus[];
}

/** All that was done and seen, when it is over. */
export interface Played {
  readonly client: LocalSystem;
  readonly workload: Workload;
  readonly runs: readonly PlayedRun[];
  readonly calls: readonly ClientCall[];
  readonly attemptedCount: number;
  readonly ledger: Witnesses['ledger'];
  readonly commits: readonly CommitLine[];
  readonly log: Pick<FaultLog, 'faults' | 'outages' | 'losses' | 'figures' | 'problems'>;
  readonly faultsPlanned: number;
  readonly marks: readonly Mark[];
  /** Bound of H21, ms. */
  readonly decidesWithinMs: number;
  /** What makes it invalid besides the histories. */
  readonly problems: readonly string[];
}

/** A lock’s lease as it is configured by default, ms. */
const LEASE_MS = 60_000;
/** Breaches that are told one by one. */
const TOLD = 5;
/** Runs read at a time. */
const READS_AT_ONCE = 20;

/** Judges what was played: histories, witnesses, faults and marks. */
export async function judgeStage(played: Played): Promise<Outcome> {
  const { losses } = played.log;
  const read = await readCases(played);
  // A start that was acknowledged within the window of a loss may be gone: that is what a loss is.
  const cases = losses.length === 0 ? read : read.filter((each) => each.evidence.run !== null);
  const kept = new Set<string>(cases.map((each) => each.evidence.runId));
  const evidence = cases.map((each) => each.evidence);
  const { client, calls, ledger, commits } = played;
  const afterLosses = Math.max(0, ...losses.map(({ commitCount }) => commitCount));
  const leftovers = { leftovers: await readLeftovers(client, evidence), leaseMs: LEASE_MS };
  const marks = countMarks({ evidence, commits, calls, ledger: ledger ?? [] });
  const verdict = checkHistory(cases, {
    ledger,
    // Versions that were lost are given out again.
    commits: commitNotes(commits.slice(afterLosses)),
    clients: losses.length === 0 ? calls : calls.filter(({ runId }) => kept.has(runId ?? '')),
    leftovers,
    ...(losses.length > 0 && { losses: losses.map(({ note }) => note) }),
    // Whom nobody heard of after the last fault is among the problems, in words.
    performance: { ...faultCounts(played), marks, wantedMarks: played.marks, silent: [] },
  });
  const reasons = [
    ...verdict.breaches.slice(0, TOLD).map(({ rule, runId, what }) => `${rule} ${runId}: ${what}`),
    ...verdict.unknowns,
    ...played.problems,
    ...played.log.problems.slice(0, TOLD),
    ...verdict.empty,
  ];
  const isSound = verdict.breaches.length === 0 && reasons.length === verdict.unknowns.length;
  const counts = countClasses(played, read, verdict.breaches);
  return {
    ...counts.line,
    classes: counts.classes,
    invariantBreaks: verdict.breaches.length,
    ...timesOf(evidence, played.log.outages),
    ...faultCounts(played),
    verdict: isSound ? verdict.verdict : 'invalid',
    marks,
    figures: { ...lossFigures(losses, read.length - cases.length), ...played.log.figures },
    reasons,
  };
}

async function readCases({ client, workload, runs, ...played }: Played): Promise<readonly Case[]> {
  const cases: Case[] = [];
  const decides = { withinMs: played.decidesWithinMs, outages: played.log.outages };
  for (let from = 0; from < runs.length; from += READS_AT_ONCE) {
    const some = runs
      .slice(from, from + READS_AT_ONCE)
      .map(async ({ runId, seed, workload: own = workload, accepts = ['COMPLETED'] }) => {
        const evidence = await readEvidence(client.client.store, runId, own);
        const [first = 'COMPLETED'] = accepts;
        const status = accepts.find((each) => each === evidence.run?.status) ?? first;
        return { evidence, expected: { ...expectCompleted(own, seed), status, decides } };
      });
    cases.push(...(await Promise.all(some)));
  }
  return cases;
}

/** The commits of a fleet, as the judge wants them. */
export function commitNotes(commits: readonly CommitLine[]): readonly CommitNote[] {
  return commits.flatMap(({ reply, runId, version, fence }) => {
    const id = parseRunId(runId);
    return reply === 'committed' && id !== null ? [{ runId: id, version, fence }] : [];
  });
}

function lossFigures(losses: FaultLog['losses'], lostRuns: number): Record<string, number> {
  if (losses.length === 0) return {};
  const lostEvents = losses.reduce((sum, { note: { before, after } }) => {
    return sum + before.length - after.length;
  }, 0);
  return { lostEvents, lostRuns };
}

function faultCounts({ log: { faults }, faultsPlanned }: Played): {
  faultsPlanned: number;
  faultsInjected: number;
  faultsEffective: number;
} {
  const faultsEffective = faults.filter(({ isEffective }) => isEffective).length;
  return { faultsPlanned, faultsInjected: faults.length, faultsEffective };
}

/** What the fleet has written down of its commits and executions. */
export function witnessesOf(fleet: ProcessFleet): Pick<Played, 'ledger' | 'commits'> {
  return { ledger: fleet.ledger.read(), commits: fleet.commits() };
}
