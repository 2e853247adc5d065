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
  const processes = Object.keys(before.rssBytes).map((name) => {
    return row(name, megabytes(before.rssBytes[name]), megabytes(after.rssBytes[name]));
  });
  const lines = [
    '# Soak: does a constant load leave anything behind?',
    '',
    '**Hypothesis.** Redis’ memory, the number of keys and the memory of every process come back to what they were at rest.',
    '',
    '**Method.** Nested fork-joins, 10 at a time, on separate processes; ended runs are kept for 2 s. After a while of the',
    'same load the system comes to rest, and is measured when the last run is purged; then the load goes on for the given',
    'time, and it is measured at rest again. Redis may hold 5 % more, a process 25 % or 32 MB more, and no key more.',
    '',
    '**Command.** `npm run soak -- --minutes 10 --record`, which writes this page.',
    '',
    `**Result.** ${verdict}: ${runs} runs in ${minutes} min of load (${seconds} s in all), ${at.slice(0, 16).replace('T', ' ')} UTC,`,
    `${machine.cores} cores, load ${machine.loadBefore}, Node ${machine.node}, Redis ${machine.redis}.`,
    '',
    '| at rest | before | after |',
    '| --- | --- | --- |',
    row('Redis, MB', megabytes(before.redisBytes), megabytes(after.redisBytes)),
    row('keys', String(before.keyCount), String(after.keyCount)),
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
  return bytes === undefined ? '-' : (bytes / MB).toFixed(1);
}
