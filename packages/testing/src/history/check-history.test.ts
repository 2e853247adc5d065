import { type RecordedEvent, taskIdOf, taskKeyOf } from '@joinery/core';
import {
  claimTask,
  completeTask,
  createEngine,
  decideRun,
  type Engine,
  registerDefinition,
  startRun,
} from '@joinery/engine';
import { createManualTime, createRecordingLogger, createSeededEntropy } from '@joinery/kit';
import { createInMemoryJobQueue } from '@joinery/queues';
import { createMemoryDefinitionStore, createMemoryNudges, createMemoryStore } from '@joinery/store';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LedgerEntry } from '../ledger.ts';
import { crazyNestedForkJoin } from '../workloads/known-workloads.ts';
import { STEP_TASK, stepInputSchema, stepValue } from '../workloads/workload.ts';
import { type Case, checkHistory, type Rule } from './check-history.ts';
import { type CommitNote, expectCompleted, readEvidence } from './evidence.ts';
import { type Outage } from './outage.ts';

const SEED = 7;
const workload = crazyNestedForkJoin();

/** A case with its witnesses, as plain data that a test may damage. */
interface Healthy {
  readonly testCase: Case;
  readonly ledger: LedgerEntry[];
  readonly commits: CommitNote[];
}

let healthy: Healthy;

beforeAll(async () => {
  healthy = await runHealthy();
});

/** One run in memory, taken through by hand, with everything about it written down. */
async function runHealthy(): Promise<Healthy> {
  const time = createManualTime(1_700_000_000_000);
  const store = createMemoryStore({ partitions: 1, now: () => time.now() });
  const queue = createInMemoryJobQueue({ clock: time });
  const ledger: LedgerEntry[] = [];
  const commits: CommitNote[] = [];
  const engine: Engine = createEngine(
    {
      store: {
        ...store,
        commit: async (args) => {
          const reply = await store.commit(args);
          const { runId, fence } = args;
          if (reply.type === 'committed') commits.push({ runId, fence, version: reply.version });
          return reply;
        },
      },
      definitions: createMemoryDefinitionStore(),
      queue,
      nudges: createMemoryNudges(),
      locks: 'fused',
      clock: time,
      entropy: createSeededEntropy(1),
      logger: createRecordingLogger(),
      processId: 'p',
    },
    time,
  );
  await registerDefinition(engine, workload.definition);
  const { runId } = await startRun(engine, { name: workload.name, input: workload.input(SEED) });
  for (let job = queue.take(STEP_TASK); job !== null; job = queue.take(STEP_TASK)) {
    const claim = await claimTask(engine, { job, worker: 'w', leaseMs: 3_000 });
    if (claim.type !== 'claimed') throw new Error(`claim answered ${claim.type}`);
    const { key, attempt } = claim.row;
    const token = String(claim.fencingToken);
    const entry = { taskId: taskIdOf(runId, key), attempt, token, pid: 1 };
    ledger.push({ what: 'begin', ...entry }, { what: 'end', ...entry });
    const output = { value: stepValue(stepInputSchema.parse(claim.input)) };
    const result = { status: 'COMPLETED', output, reason: '' } as const;
    await completeTask(engine, { runId, key, attempt, token: claim.token, ...result });
    queue.finish(job);
    await decideRun(engine, runId);
  }
  const evidence = await readEvidence(store, runId, workload);
  return { testCase: { evidence, expected: expectCompleted(workload, SEED) }, ledger, commits };
}

type Damage = (copy: { -readonly [Name in keyof Healthy]: Healthy[Name] }) => void;

function judge(damage: Damage): ReturnType<typeof checkHistory> {
  const copy = structuredClone(healthy);
  damage(copy);
  const { ledger, commits } = copy;
  return checkHistory([copy.testCase], { ledger, commits });
}

/** Replaces parts of the evidence. */
function withEvidence(change: (evidence: Case['evidence']) => Partial<Case['evidence']>): Damage {
  return (copy) => {
    const { evidence, expected } = copy.testCase;
    copy.testCase = { expected, evidence: { ...evidence, ...change(evidence) } };
  };
}

/** Changes the list of events, and numbers it anew: what is wrong is then the order, never the numbers. */
function withEvents(change: (events: RecordedEvent['event'][]) => void): Damage {
  return withEvidence(({ history, run }) => {
    const events = history.map(({ event }) => event);
    change(events);
    const renumbered = events.map((event, index) => {
      return { version: index + 1, at: history[0]?.at ?? 0, actor: 'p', event };
    });
    return { history: renumbered, run: run && { ...run, version: renumbered.length } };
  });
}

function firstOf<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined) throw new Error('there is nothing to damage');
  return first;
}

function placeOf(
  events: readonly RecordedEvent['event'][],
  type: RecordedEvent['event']['type'],
  key?: string,
): number {
  const place = events.findIndex(
    (event) => event.type === type && (key === undefined || ('key' in event && event.key === key)),
  );
  if (place < 0) throw new Error(`no ${type} of ${key}`);
  return place;
}

/** Moves an event to another place. */
function moved(type: RecordedEvent['event']['type'], key: string, to: 'front' | 'end'): Damage {
  return withEvents((events) => {
    const [event] = events.splice(placeOf(events, type, key), 1);
    if (event) events.splice(to === 'front' ? 1 : events.length - 1, 0, event);
  });
}

function repeated(type: RecordedEvent['event']['type'], key?: string): Damage {
  return withEvents((events) => {
    const place = placeOf(events, type, key);
    const event = events[place];
    if (event) events.splice(place + 1, 0, event);
  });
}

function removed(type: RecordedEvent['event']['type'], key: string): Damage {
  return withEvents((events) => void events.splice(placeOf(events, type, key), 1));
}

const corruptions: readonly (readonly [string, Rule, Damage])[] = [
  [
    'a version that is missing',
    'H1',
    withEvidence(({ history }) => ({ history: history.toSpliced(20, 1) })),
  ],
  [
    'a version that stands twice',
    'H1',
    withEvidence(({ history }) => ({
      history: history.toSpliced(20, 0, ...history.slice(20, 21)),
    })),
  ],
  [
    'two events that changed places',
    'H1',
    withEvidence(({ history }) => ({
      history: [...history.slice(0, 5), ...history.slice(5, 7).toReversed(), ...history.slice(7)],
    })),
  ],
  [
    'a start that is not the first',
    'H2',
    withEvents((events) => void events.push(...events.splice(0, 1))),
  ],
  ['a claim before its task was scheduled', 'H2', moved('task.started', 'n_16', 'front')],
  ['a dispatch under an old number', 'H2', repeated('task.dispatched', 'n_5')],
  [
    'a row with another status than its history',
    'H4',
    withEvidence(({ rows }) => ({
      rows: rows.map((row) => (row.key === 'n_7' ? { ...row, status: 'FAILED' } : row)),
    })),
  ],
  [
    'a row that is gone',
    'H4',
    withEvidence(({ rows }) => ({ rows: rows.filter((row) => row.key !== 'n_7') })),
  ],
  [
    'a row that nothing tells of',
    'H4',
    withEvidence(({ rows }) => ({
      rows: [...rows, { ...firstOf(rows), key: taskKeyOf('n_99') }],
    })),
  ],
  [
    'a record with another status than its history',
    'H4',
    withEvidence(({ run }) => ({ run: run && { ...run, status: 'FAILED' } })),
  ],
  ['an attempt that was scheduled twice', 'H5', repeated('task.scheduled', 'n_12')],
  ['an attempt that ended twice', 'H6', repeated('task.completed', 'n_12')],
  [
    'a result under a token that was never claimed',
    'H7',
    withEvents((events) => {
      const place = placeOf(events, 'task.completed', 'n_9');
      const event = events[place];
      if (event?.type === 'task.completed') events[place] = { ...event, token: 'stolen' };
    }),
  ],
  [
    'an attempt too many',
    'H8',
    withEvents((events) => {
      const key = taskKeyOf('n_5');
      const place = placeOf(events, 'task.completed', 'n_5') + 1;
      events.splice(place, 0, {
        type: 'task.scheduled',
        key,
        attempt: 2,
        taskType: STEP_TASK,
        delayMs: 0,
      });
    }),
  ],
  [
    'an execution that nobody handed out',
    'H10',
    (copy) => void copy.ledger.push({ ...firstOf(copy.ledger), token: '999' }),
  ],
  [
    'a hand-over that ran twice',
    'H10',
    (copy) => void copy.ledger.push(...copy.ledger.slice(0, 1)),
  ],
  ['a result that nobody computed', 'H10', (copy) => void (copy.ledger.length -= 1)],
  ['a run that ended twice', 'H11', repeated('run.ended')],
  [
    'a task scheduled after the end',
    'H12',
    withEvents((events) => {
      events.push({
        type: 'task.scheduled',
        key: taskKeyOf('n_19'),
        attempt: 1,
        taskType: STEP_TASK,
        delayMs: 0,
      });
    }),
  ],
  ['a step scheduled before its sources', 'H9', moved('task.scheduled', 'n_18', 'front')],
  [
    'a step scheduled during a pause',
    'H15',
    withEvents((events) => {
      const place = placeOf(events, 'task.scheduled', 'n_12');
      events.splice(place, 0, { type: 'run.paused', reason: '' });
      events.splice(place + 2, 0, { type: 'run.resumed', reason: '' });
    }),
  ],
  [
    'a step that came late',
    'H21',
    (copy) => {
      delay(copy, 'n_18', 60_000);
      boundDecisions(copy, []);
    },
  ],
  ['a join that fired twice', 'H16', repeated('join.fired', 'join_14')],
  ['a join that never fired', 'H16', removed('join.fired', 'join_8')],
  ['a join that fired before its last branch', 'H16', moved('task.completed', 'n_13', 'end')],
  [
    'a join that fired over too few branches',
    'H16',
    withEvents((events) => {
      const place = placeOf(events, 'join.fired', 'join_17');
      const event = events[place];
      if (event?.type === 'join.fired') events[place] = { ...event, branches: 2 };
    }),
  ],
  [
    'a run that has not ended',
    'H22',
    withEvidence(({ run }) => ({ run: run && { ...run, status: 'RUNNING' } })),
  ],
  [
    'a fence that went back',
    'H25',
    (copy) => {
      const [first, ...others] = copy.commits;
      if (first) copy.commits = [{ ...first, fence: 1_000 }, ...others];
    },
  ],
  [
    'a result that is not what was to be computed',
    'H27',
    withEvidence(({ values }) => ({ values: new Map(values).set('n_18', 1) })),
  ],
  [
    'a result that is lost',
    'H27',
    withEvidence(({ values }) => ({
      values: new Map([...values].filter(([ref]) => ref !== 'n_11a')),
    })),
  ],
];

type Copy = Parameters<Damage>[0];

/** All that comes from the scheduling of this step on happens later. */
function delay({ testCase }: Copy, key: string, byMs: number): void {
  const { history } = testCase.evidence;
  const place = history.findIndex(
    ({ event }) => event.type === 'task.scheduled' && event.key === key,
  );
  for (const each of history.slice(place)) Object.assign(each, { at: each.at + byMs });
}

function boundDecisions({ testCase }: Copy, outages: readonly Outage[]): void {
  Object.assign(testCase.expected, { decides: { withinMs: 5_000, outages } });
}

describe('the history checker', () => {
  it('finds a healthy run valid', () => {
    const verdict = judge(() => undefined);
    expect(verdict).toMatchObject({
      verdict: 'valid',
      breaches: [],
      unknowns: [],
      empty: [],
      runCount: 1,
    });
    expect(healthy.commits.length).toBeGreaterThan(4);
  });

  it.each(corruptions)('finds %s, by rule %s', (_what, rule, damage) => {
    const { verdict, breaches, rules } = judge(damage);
    expect(verdict).toBe('invalid');
    expect(rules[rule]).toBe('invalid');
    expect(breaches.map((breach) => breach.rule)).toContain(rule);
  });

  it('lets a step come late when Redis was away meanwhile, or soon enough', () => {
    const at = healthy.testCase.evidence.run?.createdAt ?? 0;
    const outage = { from: at, until: at + 58_000 };
    const late = judge((copy) => {
      delay(copy, 'n_18', 60_000);
      boundDecisions(copy, [outage]);
    });
    expect(late.breaches).toEqual([]);
    expect(judge((copy) => boundDecisions(copy, [])).breaches).toEqual([]);
  });

  it('judges each invariant for itself, and says unknown where nobody looked', () => {
    const { rules } = judge(() => undefined);
    expect(Object.keys(rules)).toHaveLength(32);
    expect(rules).toMatchObject({ H1: 'valid', H10: 'valid', H16: 'valid', H25: 'valid' });
    expect(rules).toMatchObject({ H3: 'unknown', H21: 'unknown', H23: 'unknown', H29: 'unknown' });
    const unwatched = checkHistory([healthy.testCase], { ledger: null, commits: [] });
    expect(unwatched.rules).toMatchObject({ H10: 'unknown', H25: 'valid' });
    expect(new Set(Object.values(checkHistory([], { ledger: [], commits: [] }).rules))).toEqual(
      new Set(['unknown']),
    );
  });

  it.each([
    ['faults that missed', { faultsEffective: 18 }, '18 of 20 faults hit something'],
    ['a mark that was not hit', { marks: {} }, 'never happened: commit refused'],
    ['a process that did nothing', { silent: ['worker 7'] }, 'worker 7 did nothing'],
  ])('finds a performance invalid for %s, whatever the histories say', (_what, part, told) => {
    const well = {
      faultsPlanned: 20,
      faultsEffective: 19,
      marks: { 'commit refused': 1 },
      wantedMarks: ['commit refused'],
      silent: [],
    };
    const { ledger, commits, testCase } = healthy;
    const valid = checkHistory([testCase], { ledger, commits, performance: well });
    expect(valid.verdict).toBe('valid');
    const performance = { ...well, ...part };
    const { verdict, breaches, empty } = checkHistory([testCase], { ledger, commits, performance });
    expect({ verdict, breaches }).toEqual({ verdict: 'invalid', breaches: [] });
    expect(empty.join()).toContain(told);
  });

  it('says unknown, and why, where there was no witness, no run, or no run any more', () => {
    const { testCase } = healthy;
    expect(checkHistory([testCase], { ledger: null, commits: null })).toMatchObject({
      verdict: 'unknown',
      unknowns: ['H10: nobody kept a ledger', 'H25: nobody noted the commits'],
    });
    const gone = { ...testCase, evidence: { ...testCase.evidence, run: null } };
    expect(checkHistory([gone], { ledger: [], commits: [] }).verdict).toBe('unknown');
    expect(checkHistory([], { ledger: [], commits: [] }).verdict).toBe('unknown');
  });
});
