import { z } from 'zod';
import { jsonObject, moment, requiredText, wholeNumber } from '../definition/conductor-object.ts';
import { parseWaitDuration } from '../definition/wait-duration.ts';
import { joineryError } from '../errors/joinery-error.ts';
import { type JsonObject } from '../run/json.ts';
import { type Period, PERIODS, periodExample, periodTrigger } from './period.ts';
import { inputProblem } from './session-variables.ts';
import { cronProblem, type Trigger } from './trigger.ts';

/** What becomes of firings that nobody carried out in time. */
export const MISSED_POLICIES = ['all', 'latest', 'none'] as const;
/** One of {@link MISSED_POLICIES}. */
export type MissedPolicy = (typeof MISSED_POLICIES)[number];

/** What a firing starts. */
export interface ScheduledStart {
  readonly name: string;
  /** Absent: the latest at the time of the firing. */
  readonly version?: number;
  /** May read the session: `${sessionTime}`, `${lastSessionDate}`, … */
  readonly input: JsonObject;
  readonly correlationId?: string;
  readonly priority?: number;
}

/** When a schedule fires, in the words of its owner. */
export type ScheduleTiming =
  | { readonly cron: readonly { readonly cron: string; readonly zone?: string }[] }
  | { readonly interval: string }
  | { readonly [Each in Period]?: string };

/** When a workflow is started, and under which conditions. */
export interface Schedule {
  readonly name: string;
  readonly description: string;
  readonly start: ScheduledStart;
  /** When, as it was written. */
  readonly timing: ScheduleTiming;
  /** The same as it is computed. */
  readonly triggers: readonly Trigger[];
  /** IANA name: of periods, and of the session variables. */
  readonly zone: string;
  /** First and last moment at which it fires, both included. */
  readonly windowFrom: number | null;
  readonly windowTo: number | null;
  /** Each firing comes later by a part of this that follows from schedule and session. */
  readonly jitterMs: number;
  /** Leave a firing out while a run of this schedule is under way. */
  readonly skipOnOvertime: boolean;
  /** Leave a firing out that is later than this; 0 = never. */
  readonly skipDelayedByMs: number;
  readonly missed: MissedPolicy;
  /** Firings wait while so many runs of this schedule are under way; 0 = no limit. */
  readonly maxConcurrentRuns: number;
}

const NAME = /^[\w.-]{1,200}$/;
const DAY_MS = 86_400_000;
const MAX_INTERVAL_MS = 366 * DAY_MS;
/** More triggers than anybody writes; each is asked for its next firing every time. */
const TRIGGERS_LIMIT = 20;
/** What is known beforehand to be started: more would be looked up one by one. */
const CONCURRENT_LIMIT = 100;

const duration = z.string().transform((text, context) => {
  const ms = parseWaitDuration(text);
  if (ms !== null) return ms;
  context.addIssue('expected a duration such as 30s, 5m or 2h');
  return z.NEVER;
});

const period = z.string().optional();

const scheduleSchema = z.strictObject({
  name: z.string().regex(NAME, 'expected 1-200 letters, digits, `_`, `.` or `-`'),
  description: z.string().max(1_000).default(''),
  workflow: z.strictObject({
    name: requiredText,
    version: wholeNumber().optional(),
    input: jsonObject.default({}),
    correlationId: z.string().max(1_024).optional(),
    priority: z.int().min(0).max(99).optional(),
  }),
  cron: z
    .union([z.string(), z.array(z.strictObject({ cron: z.string(), zone: z.string().optional() }))])
    .transform((value) => (typeof value === 'string' ? [{ cron: value }] : value))
    .refine((list) => list.length > 0, 'expected a pattern')
    .optional(),
  interval: z.string().optional(),
  hourly: period,
  daily: period,
  weekly: period,
  monthly: period,
  zone: z.string().default('UTC'),
  from: moment.optional(),
  to: moment.optional(),
  jitter: duration.pipe(z.int().max(DAY_MS)).default(0),
  skipOnOvertime: z.boolean().default(false),
  skipDelayedBy: duration.default(0),
  missedRuns: z.enum(MISSED_POLICIES).default('latest'),
  maxConcurrentRuns: z.int().min(0).max(CONCURRENT_LIMIT).default(0),
});

type ScheduleJson = z.output<typeof scheduleSchema>;

/**
 * Reads a schedule as people write it: `{ name, workflow: { name, input }, cron | interval | hourly | daily | weekly |
 * monthly, zone, from, to, jitter, skipOnOvertime, skipDelayedBy, missedRuns, maxConcurrentRuns }`. Durations are texts
 * (`30s`, `5m`), moments ms since epoch. Throws JN_SCHEDULE_INVALID with the first problem.
 */
export function parseSchedule(json: unknown): Schedule {
  const parsed = scheduleSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(nameOf(json), `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const { data } = parsed;
  const { workflow, from = null, to = null } = data;
  const problem = inputProblem(workflow.input) ?? windowProblem(from, to);
  if (problem !== null) throw invalid(data.name, problem);
  return {
    name: data.name,
    description: data.description,
    start: startOf(workflow),
    timing: timingOf(data),
    triggers: triggersOf(data),
    zone: data.zone,
    windowFrom: from,
    windowTo: to,
    jitterMs: data.jitter,
    skipOnOvertime: data.skipOnOvertime,
    skipDelayedByMs: data.skipDelayedBy,
    missed: data.missedRuns,
    maxConcurrentRuns: data.maxConcurrentRuns,
  };
}

function startOf({ name, version, input, correlationId, priority }: ScheduleJson['workflow']) {
  return {
    name,
    ...(version ? { version } : {}),
    input,
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(priority === undefined ? {} : { priority }),
  };
}

function timingOf({ cron, interval, ...data }: ScheduleJson): ScheduleTiming {
  if (cron !== undefined) {
    return { cron: cron.map((each) => ({ cron: each.cron, ...zoneOf(each) })) };
  }
  if (interval !== undefined) return { interval };
  return Object.fromEntries(PERIODS.flatMap((each) => (data[each] ? [[each, data[each]]] : [])));
}

function zoneOf(each: NonNullable<ScheduleJson['cron']>[number]): { readonly zone?: string } {
  return 'zone' in each && each.zone !== undefined ? { zone: each.zone } : {};
}

function triggersOf(data: ScheduleJson): readonly Trigger[] {
  const { name, zone, cron, interval } = data;
  if (cronProblem('0 0 * * *', zone) !== null) throw invalid(name, `zone ${zone} is not known`);
  const kinds = [...PERIODS, 'cron' as const, 'interval' as const];
  const named = kinds.filter((kind) => data[kind] !== undefined);
  const [only] = named;
  if (only === undefined || named.length > 1) {
    // Two periods would have the same sessions, and a session has one run.
    const found = only === undefined ? 'nothing' : named.join(' and ');
    throw invalid(name, `names ${found}; expected one of ${kinds.join(', ')}`);
  }
  if (cron !== undefined) return cronTriggers(data, cron);
  if (interval !== undefined) return [{ everyMs: intervalMs(data), anchorAt: data.from ?? 0 }];
  if (only === 'cron' || only === 'interval') return [];
  const trigger = periodTrigger(only, data[only] ?? '', zone);
  if (trigger !== null) return [trigger];
  throw invalid(name, `${only}: ${data[only]} is not written as ${periodExample(only)}`);
}

function intervalMs({ name, interval = '' }: ScheduleJson): number {
  const ms = parseWaitDuration(interval);
  if (ms !== null && ms >= 1_000 && ms <= MAX_INTERVAL_MS) return ms;
  throw invalid(name, `interval: ${interval} is not a duration from 1s to 366d`);
}

function cronTriggers(
  { name, zone }: ScheduleJson,
  cron: NonNullable<ScheduleJson['cron']>,
): readonly Trigger[] {
  if (cron.length > TRIGGERS_LIMIT) throw invalid(name, `has more than ${TRIGGERS_LIMIT} patterns`);
  return cron.map((each) => {
    const own = { cron: each.cron.trim(), zone: 'zone' in each ? (each.zone ?? zone) : zone };
    const problem = cronProblem(own.cron, own.zone);
    if (problem !== null) throw invalid(name, `cron: ${problem}`);
    return own;
  });
}

function windowProblem(from: number | null, to: number | null): string | null {
  return from !== null && to !== null && from > to ? 'its window ends before it begins' : null;
}

function nameOf(json: unknown): string {
  const named = z.looseObject({ name: z.string() }).safeParse(json);
  return named.success ? named.data.name : 'without a name';
}

function invalid(name: string, problem: string): Error {
  return joineryError('JN_SCHEDULE_INVALID', { name, problem });
}
