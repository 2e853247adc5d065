import { isTerminalRun, type RecordedEvent } from '@joinery/core';
import { type Case } from '../history/check-history.ts';
import { type RunEvidence } from '../history/evidence.ts';
import { type ClientCall } from '../history/judge-clients.ts';
import { type Outage, overlapMs } from '../history/outage.ts';
import { percentile } from './percentile.ts';
import { type Outcome } from './scenario.ts';

/** Sorts what became of the starts into Jepsen’s classes. */
export function countClasses(
  {
    calls,
    attemptedCount,
    runs,
  }: {
    readonly calls: readonly ClientCall[];
    readonly attemptedCount: number;
    readonly runs: readonly unknown[];
  },
  cases: readonly Case[],
  breaches: readonly { readonly rule: string; readonly runId: string }[],
): Pick<Outcome, 'classes'> & {
  readonly line: Pick<Outcome, 'runs' | 'completed' | 'lost' | 'duplicatedCommits'>;
} {
  const wrong = new Set(breaches.filter(({ rule }) => rule === 'H27').map(({ runId }) => runId));
  const ended = cases.filter(({ evidence: { run } }) => run && isTerminalRun(run.status));
  const completed = ended.filter(({ evidence }) => !wrong.has(evidence.runId)).length;
  const lost = cases.length - ended.length;
  const duplicated = cases.reduce((sum, { evidence }) => sum + duplicatesIn(evidence.history), 0);
  const unsure = new Set(
    calls.filter(({ outcome }) => outcome === 'info').map((call) => call.idempotencyKey),
  );
  const recovered = calls.filter(
    (call) => call.outcome === 'ok' && unsure.has(call.idempotencyKey),
  ).length;
  return {
    line: { runs: runs.length, completed, lost, duplicatedCommits: duplicated },
    classes: {
      attempted: attemptedCount,
      acknowledged: runs.length,
      ok: completed,
      lost,
      unexpected: ended.length - completed,
      duplicated,
      recovered,
    },
  };
}

/** Successes and join firings beyond the first of each task. */
function duplicatesIn(history: readonly RecordedEvent[]): number {
  const commits = history.flatMap(({ event }) => {
    if (event.type === 'join.fired') return [event.key];
    return event.type === 'task.completed' && event.status === 'COMPLETED' ? [event.key] : [];
  });
  return commits.length - new Set(commits).size;
}

/** How long runs took, and how long one stood still. */
export function timesOf(
  evidence: readonly RunEvidence[],
  outages: readonly Outage[],
): Pick<Outcome, 'maxStuckMs' | 'stuckBetween' | 'p99Ms' | 'latencyMs'> {
  const latencies = evidence.flatMap(({ run }) =>
    run && run.endedAt > 0 ? [run.endedAt - run.createdAt] : [],
  );
  const longest = longestGap(evidence, outages);
  const p99 = percentile(latencies, 0.99);
  return {
    maxStuckMs: longest.ms,
    stuckBetween: longest.between,
    p99Ms: p99,
    latencyMs: {
      p50: percentile(latencies, 0.5),
      p95: percentile(latencies, 0.95),
      p99,
      max: percentile(latencies, 1),
    },
  };
}

/** The longest time between two events of one run, outages apart, and which two those were. */
function longestGap(
  evidence: readonly RunEvidence[],
  outages: readonly Outage[],
): { readonly ms: number; readonly between: string } {
  let longest = { ms: 0, between: '' };
  for (const { runId, history } of evidence) {
    for (const [index, after] of history.entries()) {
      const before = history[index - 1] ?? after;
      const span = { from: before.at, until: after.at };
      const ms = span.until - span.from - overlapMs(span, outages);
      if (ms <= longest.ms) continue;
      const between = `${nameOf(before)} and ${nameOf(after)} of ${runId}`;
      longest = { ms, between };
    }
  }
  return longest;
}

function nameOf({ version, event }: RecordedEvent): string {
  return [version, event.type, ...('key' in event ? [event.key] : [])].join(' ');
}
