import { type ChaosReport } from '../chaos/chaos-report.ts';
import { type SoakReport } from './soak.ts';

/** A soak and where it was made. */
export interface RecordedSoak extends SoakReport {
  /** Day and time, UTC. */
  readonly at: string;
  readonly minutes: number;
  readonly machine: ChaosReport['machine'];
}

const MB = 1024 ** 2;

/** The page that tells what the last recorded soak came to. */
export function renderSoakPage(soak: RecordedSoak): string {
  const { at, minutes, machine, verdict, reasons, runs, seconds, before, after } = soak;
  const { warmUpSeconds, heapGrowth } = soak;
  const processes = Object.keys(before.rssBytes).map((name) => {
    const heaps = [before.heapBytes[name], after.heapBytes[name], heapGrowth[name]];
    const cells = [before.rssBytes[name], after.rssBytes[name], ...heaps].map(megabytes);
    return row(name, ...cells);
  });
  const lines = [
    '# Soak: does a constant load leave anything behind?',
    '',
    '**Hypothesis.** Redis’ memory, the number of keys and the memory of every process come back to what they were at rest,',
    'and no live heap still grows.',
    '',
    '**Method.** Nested fork-joins, 10 at a time, on separate processes; ended runs are kept for 2 s. After a while of the',
    'same load, two minutes or a fifth of the given time if that is longer, the system comes to rest, and is measured when',
    'the last run is purged; then the load goes on for the given time, and it is measured at rest again. Garbage is collected',
    'before each measurement, and every 15 s of the load, for what is alive on the heaps. Redis may hold 5 % more, a process',
    '25 % or 32 MB more, of which 4 MB alive, and no key more; over the second half of the load no live heap may grow by more',
    'than 0.5 MB a minute. A coordinator remembers its last 10,000 runs, and comes to that in the first minutes.',
    '',
    '**Command.** `npm run soak -- --minutes 10 --record`, which writes this page.',
    '',
    `**Result.** ${verdict}: ${runs} runs in ${minutes} min of load after ${warmUpSeconds} s of warm-up (${seconds} s in all), ${at.slice(0, 16).replace('T', ' ')} UTC,`,
    `${machine.cores} cores, load ${machine.loadBefore}, Node ${machine.node}, Redis ${machine.redis}.`,
    '',
    '| at rest | before | after |',
    '| --- | --- | --- |',
    row('Redis, MB', megabytes(before.redisBytes), megabytes(after.redisBytes)),
    row('keys', String(before.keyCount), String(after.keyCount)),
    '',
    '| process, MB | resident before | after | alive before | after | alive, growth a minute |',
    '| --- | --- | --- | --- | --- | --- |',
    ...processes,
    ...(reasons.length === 0 ? [] : ['', ...reasons.map((reason) => `- ${reason}`)]),
    '',
    '## Not tested',
    '',
    '- hours: what grows by less than the slack in this time is not seen',
    '- idempotency keys, which outlive their runs by days, as promised: these starts carry none',
    '',
  ];
  return lines.join('\n');
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '-' : (bytes / MB).toFixed(2);
}
