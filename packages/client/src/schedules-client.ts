import { type WorkflowSchedule } from '@joinery/contract';
import { z } from 'zod';
import { type Ask, pathTo, queryOf } from './ask-server.ts';

const ROOT = '/api/scheduler/schedules';

const scheduleReport = z
  .object({
    name: z.string(),
    paused: z.boolean(),
    pausedReason: z.string().nullable(),
    nextRunTime: z.number().nullable(),
  })
  .transform(({ name, paused: isPaused, pausedReason, nextRunTime: nextAt }) => ({
    name,
    isPaused,
    reason: pausedReason ?? '',
    nextAt,
  }));

/** A schedule as it stands. */
export interface ScheduleReport {
  readonly name: string;
  readonly isPaused: boolean;
  /** Why it is paused; empty: it is not, or nobody has said. */
  readonly reason: string;
  /** The next firing, ms since epoch; null: there is none. */
  readonly nextAt: number | null;
}

/** Schedules of one server. */
export interface SchedulesClient {
  /** Creates or replaces; may be repeated. */
  put(schedule: WorkflowSchedule): Promise<ScheduleReport>;
  find(name: string): Promise<ScheduleReport>;
  /** All, or those of one workflow. */
  list(workflowName?: string): Promise<readonly ScheduleReport[]>;
  pause(name: string, reason?: string): Promise<void>;
  resume(name: string): Promise<void>;
  /** Its runs stay. */
  remove(name: string): Promise<void>;
}

/** Creates the verbs for schedules. */
export function schedulesClient(ask: Ask): SchedulesClient {
  return {
    put: async (schedule) => scheduleReport.parse(await ask('POST', ROOT, schedule)),
    find: async (name) => scheduleReport.parse(await ask('GET', pathTo(ROOT, name))),
    list: async (workflowName) =>
      z.array(scheduleReport).parse(await ask('GET', ROOT + queryOf({ workflowName }))),
    pause: async (name, reason) => {
      await ask('PUT', pathTo(ROOT, name, `/pause${queryOf({ reason })}`));
    },
    resume: async (name) => {
      await ask('PUT', pathTo(ROOT, name, '/resume'));
    },
    remove: async (name) => {
      await ask('DELETE', pathTo(ROOT, name));
    },
  };
}
