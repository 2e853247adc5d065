/** What became of one firing of a schedule. Moments in ms since epoch. */
export type ScheduleEvent = {
  readonly sessionAt: number;
  readonly plannedAt: number;
  readonly at: number;
} & (
  | { readonly type: 'started'; readonly runId: string; readonly isNew: boolean }
  /** Left out, as were all that were planned between it and the next one that is named. */
  | { readonly type: 'skipped'; readonly reason: 'missed' | 'delayed' | 'overtime' }
  /** Its run could not be made, and never will be. */
  | { readonly type: 'failed'; readonly reason: string }
);
