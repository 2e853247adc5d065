import { type Trigger } from './trigger.ts';

/** The periods that a schedule may name instead of a cron pattern. */
export const PERIODS = ['hourly', 'daily', 'weekly', 'monthly'] as const;
/** One of {@link PERIODS}. */
export type Period = (typeof PERIODS)[number];

const CLOCK = String.raw`([01]\d|2[0-3]):([0-5]\d):([0-5]\d)`;
const SHAPES: Readonly<Record<Period, { readonly pattern: RegExp; readonly example: string }>> = {
  hourly: { pattern: /^([0-5]\d):([0-5]\d)$/, example: '30:00' },
  daily: { pattern: new RegExp(`^${CLOCK}$`), example: '07:00:00' },
  weekly: {
    pattern: new RegExp(`^(sun|mon|tue|wed|thu|fri|sat),${CLOCK}$`, 'i'),
    example: 'Mon,07:00:00',
  },
  monthly: { pattern: new RegExp(`^([1-9]|[12]\\d|3[01]),${CLOCK}$`), example: '1,07:00:00' },
};

/** How a period is written, for messages. */
export function periodExample(period: Period): string {
  return SHAPES[period].example;
}

/**
 * Digdag's four periods as a trigger: `hourly` `MM:SS`, `daily` `HH:MM:SS`, `weekly` `DDD,HH:MM:SS`, `monthly`
 * `D,HH:MM:SS`. The session is the begin of the hour or of that day; the time says when within it. Null: not so written.
 */
export function periodTrigger(period: Period, text: string, zone: string): Trigger | null {
  const match = SHAPES[period].pattern.exec(text.trim());
  if (match === null) return null;
  const [first = '', second = '', third = '', fourth = ''] = match.slice(1).map(withoutZero);
  switch (period) {
    case 'hourly':
      return { cron: `${second} ${first} * * * *`, periodCron: '0 0 * * * *', zone };
    case 'daily':
      return { cron: `${third} ${second} ${first} * * *`, periodCron: '0 0 0 * * *', zone };
    case 'weekly':
      return {
        cron: `${fourth} ${third} ${second} * * ${first}`,
        periodCron: `0 0 0 * * ${first}`,
        zone,
      };
    case 'monthly':
      return {
        cron: `${fourth} ${third} ${second} ${first} * *`,
        periodCron: `0 0 0 ${first} * *`,
        zone,
      };
  }
}

function withoutZero(text: string): string {
  return text.replace(/^0(\d)$/, '$1');
}
