import { type LedgerEntry } from '../ledger.ts';
import { type ClientCall } from '../history/judge-clients.ts';
import { type RunEvidence } from '../history/evidence.ts';
import { type CommitLine } from './role-messages.ts';

/** What the marks are counted in. */
export interface MarkSources {
  readonly evidence: readonly RunEvidence[];
  readonly commits: readonly Pick<CommitLine, 'reply'>[];
  readonly calls: readonly ClientCall[];
  readonly ledger: readonly LedgerEntry[];
}

const counters = {
  /** A claim ended without a result, and the attempt was handed out again. */
  'attempt redelivered': ({ evidence }) => countEvents(evidence, 'task.redelivered'),
  'repair found': ({ evidence }) => countEvents(evidence, 'repair.found'),
  'job lost and found missing': ({ evidence }) =>
    evidence.reduce(
      (sum, { history }) =>
        sum +
        history.filter(({ event }) => event.type === 'repair.found' && event.kind === 'lost-job')
          .length,
      0,
    ),
  'commit refused': ({ commits }) => commits.filter(({ reply }) => reply === 'refused').length,
  /** The reply of a commit was lost, and the commit was sent again. */
  'commit repeated': ({ commits }) => commits.filter(({ reply }) => reply === 'repeated').length,
  'start without an answer': ({ calls }) => calls.filter((call) => call.outcome === 'info').length,
  /** Two hands computed one attempt; one result was stored. */
  'attempt executed twice': ({ ledger }) => {
    const begun = ledger.filter(({ what }) => what === 'begin');
    return begun.length - new Set(begun.map((each) => `${each.taskId} ${each.attempt}`)).size;
  },
} as const satisfies Readonly<Record<string, (sources: MarkSources) => number>>;

/** What should sometimes happen while there is chaos; a scenario names those without which it has shown nothing. */
export type Mark = keyof typeof counters;

/** How often each mark was hit. */
export function countMarks(sources: MarkSources): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(counters).map(([mark, count]) => [mark, count(sources)]),
  );
}

function countEvents(evidence: readonly RunEvidence[], type: string): number {
  return evidence.reduce(
    (sum, { history }) => sum + history.filter(({ event }) => event.type === type).length,
    0,
  );
}
