import { scheduleExecutionOf } from '@joinery/contract';
import { type Backfill, type BackfillState } from '@joinery/core';
import { backfillSchedule, getBackfill, previewBackfill } from '@joinery/engine';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['scheduler'];
const byName = z.object({ name: z.string() });
const range = z.object({
  name: z.string(),
  from: z.int(),
  to: z.int(),
  count: z.int().optional(),
  parallel: z.int().optional(),
  dryRun: z.boolean().default(false),
});

/** Joinery's own: sessions of the past that are to be run after all. Moments in ms since epoch. */
export function addBackfillRoutes(api: Api, parts: ServerParts): void {
  api.post(
    '/api/scheduler/schedules/:name/backfill',
    { config: { role: 'admin' }, schema: { tags: TAGS, params: byName, body: range } },
    async ({ params: { name: schedule }, body: { dryRun, count, parallel, ...rest } }) => {
      const wanted = {
        ...rest,
        ...(count === undefined ? {} : { count }),
        ...(parallel === undefined ? {} : { parallel }),
      };
      return dryRun
        ? planView(await previewBackfill(parts, schedule, wanted))
        : stateView(await backfillSchedule(parts, schedule, wanted));
    },
  );
  api.get(
    '/api/scheduler/backfills/:name',
    { schema: { tags: TAGS, params: byName } },
    async ({ params: { name } }) => {
      const { state, events } = await getBackfill(parts, name);
      const { schedule } = state.backfill;
      const executions = events.map((event) => scheduleExecutionOf(schedule, event));
      return { ...stateView(state), executions };
    },
  );
}

function planView({ name, schedule, firings, parallel }: Backfill) {
  const sessions = firings.map(({ sessionAt }) => sessionAt);
  return { name, scheduleName: schedule.name, parallel, sessions };
}

function stateView({ backfill, position, runs, foundCount, createdAt, endedAt }: BackfillState) {
  return {
    ...planView(backfill),
    doneCount: position,
    foundCount,
    runs,
    createTime: createdAt,
    endTime: endedAt,
  };
}
