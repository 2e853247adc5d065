import { type JsonObject, PERIODS, type Schedule, type ScheduleState } from '@joinery/core';
import { z } from 'zod';
import { startWorkflowRequestSchema } from './start-workflow-request.ts';

const text = z.string().max(1_024).nullish();
const moment = z.int().nullish();

/**
 * Conductor's WorkflowSchedule (3.30) with what Joinery adds: `interval` and the four periods instead of a cron pattern,
 * `jitter`, `skipOnOvertime`, `skipDelayedBy`, `missedRuns`, `maxConcurrentRuns`. Members that are null count as absent,
 * unknown ones are dropped; what they say is judged by `parseSchedule`.
 */
export const workflowScheduleSchema = z.object({
  name: z.string(),
  description: text,
  cronExpression: text,
  zoneId: text,
  cronSchedules: z.array(z.object({ cronExpression: z.string(), zoneId: text })).nullish(),
  interval: text,
  hourly: text,
  daily: text,
  weekly: text,
  monthly: text,
  startWorkflowRequest: startWorkflowRequestSchema,
  runCatchupScheduleInstances: z.boolean().nullish(),
  paused: z.boolean().nullish(),
  scheduleStartTime: moment,
  scheduleEndTime: moment,
  jitter: text,
  skipOnOvertime: z.boolean().nullish(),
  skipDelayedBy: text,
  missedRuns: text,
  maxConcurrentRuns: z.int().nullish(),
});

/** A schedule that came from outside, in Conductor's words. */
export type WorkflowSchedule = z.infer<typeof workflowScheduleSchema>;

/** A schedule as `parseSchedule` of core reads it, and whether it is to be paused. */
export interface WrittenSchedule {
  readonly json: Readonly<Record<string, unknown>>;
  readonly isPaused?: boolean;
}

/**
 * Conductor's words in ours. `runCatchupScheduleInstances` is the policy `all` when true and `latest` otherwise, unless
 * `missedRuns` says more; a moment of 0 is none, as for Conductor.
 */
export function writtenScheduleOf(schedule: WorkflowSchedule): WrittenSchedule {
  const { startWorkflowRequest: start, cronSchedules, cronExpression, paused } = schedule;
  const { name, version, input, correlationId, priority } = start;
  const listed = cronSchedules?.map((each) =>
    present({ cron: each.cronExpression, zone: each.zoneId }),
  );
  const json = present({
    name: schedule.name,
    description: schedule.description,
    workflow: present({ name, version: version || undefined, input, correlationId, priority }),
    cron: listed?.length ? listed : cronExpression || undefined,
    interval: schedule.interval,
    ...Object.fromEntries(PERIODS.map((period) => [period, schedule[period]])),
    zone: schedule.zoneId || undefined,
    from: schedule.scheduleStartTime || undefined,
    to: schedule.scheduleEndTime || undefined,
    jitter: schedule.jitter,
    skipOnOvertime: schedule.skipOnOvertime,
    skipDelayedBy: schedule.skipDelayedBy,
    missedRuns: schedule.missedRuns ?? (schedule.runCatchupScheduleInstances ? 'all' : undefined),
    maxConcurrentRuns: schedule.maxConcurrentRuns,
  });
  return { json, ...(typeof paused === 'boolean' ? { isPaused: paused } : {}) };
}

/** A stored schedule in Conductor's words; sent back as it is, it changes nothing. Moments in ms since epoch. */
export function workflowScheduleOf(state: ScheduleState): JsonObject {
  const { schedule, paused, next, createdAt, changedAt } = state;
  const { start, zone, windowFrom, windowTo, missed } = schedule;
  return {
    name: schedule.name,
    description: schedule.description,
    ...timingOf(schedule),
    zoneId: zone,
    startWorkflowRequest: { ...start, version: start.version ?? 0 },
    runCatchupScheduleInstances: missed === 'all',
    paused: paused !== null,
    pausedReason: paused?.reason ?? null,
    scheduleStartTime: windowFrom ?? 0,
    scheduleEndTime: windowTo ?? 0,
    jitter: seconds(schedule.jitterMs),
    skipOnOvertime: schedule.skipOnOvertime,
    skipDelayedBy: seconds(schedule.skipDelayedByMs),
    missedRuns: missed,
    maxConcurrentRuns: schedule.maxConcurrentRuns,
    createTime: createdAt,
    updatedTime: changedAt,
    nextRunTime: next?.dueAt ?? null,
  };
}

/** What became of one firing. */
export interface ScheduleOutcome {
  readonly sessionAt: number;
  readonly plannedAt: number;
  readonly at: number;
  readonly type: 'started' | 'skipped' | 'failed';
  readonly reason?: string;
  readonly runId?: string;
}

/** A firing in Conductor's words; `SKIPPED` is ours. */
export interface ScheduleExecution {
  readonly executionId: string;
  readonly scheduleName: string;
  readonly workflowName: string;
  readonly workflowId: string | null;
  readonly scheduledTime: number;
  readonly executionTime: number;
  readonly sessionTime: number;
  readonly state: 'EXECUTED' | 'FAILED' | 'SKIPPED';
  readonly reason: string | null;
}

const STATES = { started: 'EXECUTED', failed: 'FAILED', skipped: 'SKIPPED' } as const;

/** What became of a firing, in Conductor's words. */
export function scheduleExecutionOf(
  { name, start }: Schedule,
  { sessionAt, plannedAt, at, type, reason, runId }: ScheduleOutcome,
): ScheduleExecution {
  return {
    executionId: `${name}.${sessionAt}`,
    scheduleName: name,
    workflowName: start.name,
    workflowId: runId ?? null,
    scheduledTime: plannedAt,
    executionTime: at,
    sessionTime: sessionAt,
    state: STATES[type],
    reason: reason ?? null,
  };
}

function timingOf({ timing }: Schedule): JsonObject {
  if (!('cron' in timing)) return present(timing);
  const [only] = timing.cron;
  if (only !== undefined && timing.cron.length === 1 && only.zone === undefined) {
    return { cronExpression: only.cron };
  }
  return {
    cronSchedules: timing.cron.map(({ cron, zone }) =>
      present({ cronExpression: cron, zoneId: zone }),
    ),
  };
}

function seconds(ms: number): string {
  return `${ms / 1_000}s`;
}

/** Without what is null or undefined. */
function present<T>(
  fields: Readonly<Record<string, T | null | undefined>>,
): Readonly<Record<string, T>> {
  const found: [string, T][] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null) found.push([name, value]);
  }
  return Object.fromEntries(found);
}
