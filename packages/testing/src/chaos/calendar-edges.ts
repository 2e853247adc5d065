/** Firings of one schedule across an edge of the calendar, as its policy and the calendar say they must be. */
export interface Edge {
  readonly name: string;
  readonly cron: string;
  readonly zone: string;
  readonly missedRuns: 'all' | 'latest' | 'none';
  /** Exactly these, each once. */
  readonly firings: readonly string[];
}

/** What is gone through between two jumps of the clock: step by step, or at once with all schedulers dead. */
export interface Passage {
  readonly what: string;
  /** The clock stands there when its schedules are made. */
  readonly from: string;
  readonly steps: readonly { readonly until: string; readonly isDead: boolean }[];
  readonly edges: readonly Edge[];
}

const BERLIN = 'Europe/Berlin';

/** The clock goes forward at 01:00 UTC: 02:00 to 03:00 is not there. */
const SPRING: Passage = {
  what: 'the clock of a zone goes forward',
  from: '2027-03-28T00:59:40Z',
  steps: [{ until: '2027-03-28T01:01:10Z', isDead: false }],
  edges: [
    {
      name: 'in_the_gap',
      cron: '30 2 * * *',
      zone: BERLIN,
      missedRuns: 'latest',
      // A fixed time that is left out comes when the gap ends.
      firings: ['2027-03-28T01:00:00Z'],
    },
    {
      name: 'each_half_minute',
      cron: '*/30 * * * * *',
      zone: BERLIN,
      missedRuns: 'latest',
      firings: ['2027-03-28T01:00:00Z', '2027-03-28T01:00:30Z', '2027-03-28T01:01:00Z'],
    },
  ],
};

/** The clock goes back at 01:00 UTC: 02:00 to 03:00 is there twice. And nobody is there for an hour. */
const AUTUMN: Passage = {
  what: 'the clock of a zone goes back, with every scheduler dead for the better part of the hour',
  from: '2027-10-31T00:29:40Z',
  steps: [
    { until: '2027-10-31T00:30:20Z', isDead: false },
    { until: '2027-10-31T01:29:30Z', isDead: true },
    { until: '2027-10-31T01:30:30Z', isDead: false },
  ],
  edges: [
    // A fixed time that is there twice fires the first time.
    edge('there_twice', '30 2 * * *', 'latest', ['00:30']),
    edge('all_of_them', '*/10 * * * *', 'all', [
      '00:30',
      '00:40',
      '00:50',
      '01:00',
      '01:10',
      '01:20',
      '01:30',
    ]),
    edge('the_latest', '*/10 * * * *', 'latest', ['00:30', '01:20', '01:30']),
    edge('none_of_them', '*/10 * * * *', 'none', ['00:30', '01:30']),
  ],
};

function edge(
  name: string,
  cron: string,
  missedRuns: Edge['missedRuns'],
  times: readonly string[],
): Edge {
  const firings = times.map((time) => `2027-10-31T${time}:00Z`);
  return { name, cron, zone: BERLIN, missedRuns, firings };
}

const LEAP: Passage = {
  what: 'a day that is there every four years',
  from: '2028-02-28T23:59:40Z',
  steps: [
    { until: '2028-02-29T00:00:20Z', isDead: false },
    { until: '2028-02-29T23:59:40Z', isDead: true },
    { until: '2028-03-01T00:00:20Z', isDead: false },
  ],
  edges: [
    {
      name: 'leap_day',
      cron: '0 0 29 2 *',
      zone: 'UTC',
      missedRuns: 'latest',
      firings: ['2028-02-29T00:00:00Z'],
    },
    {
      name: 'each_midnight',
      cron: '0 0 * * *',
      zone: 'UTC',
      missedRuns: 'none',
      firings: ['2028-02-29T00:00:00Z', '2028-03-01T00:00:00Z'],
    },
  ],
};

/** In the order of time. */
export const PASSAGES: readonly Passage[] = [SPRING, AUTUMN, LEAP];
