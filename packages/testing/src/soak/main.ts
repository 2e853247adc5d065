/** `npm run soak -- --minutes M [--json] [--record]`: does a constant load leave anything behind? */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { writeSoakPage } from '../chaos/chaos-docs.ts';
import { describeMachine } from '../chaos/perform-scenario.ts';
import { soak } from './soak.ts';

const USAGE = 'npm run soak -- [--minutes 10] [--json] [--record]\n';

const settings = z.object({
  minutes: z.coerce.number().positive().default(10),
  json: z.boolean().default(false),
  /** Write docs/chaos/soak.md. */
  record: z.boolean().default(false),
});

/** At least so long before the baseline, ms: heaps come to their size in the first minutes of a load. */
const WARM_UP_MS = 120_000;

// A throwaway Redis does not keep its starter alive, not even while it is being ended.
const keepAlive = setInterval(() => undefined, 60_000);
process.exitCode = await main(process.argv.slice(2)).finally(() => clearInterval(keepAlive));

async function main(args: readonly string[]): Promise<number> {
  let given: z.output<typeof settings>;
  try {
    const flag = { type: 'boolean' } as const;
    const options = { minutes: { type: 'string' }, json: flag, record: flag } as const;
    given = settings.parse(parseArgs({ args: [...args], options }).values);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  const forMs = given.minutes * 60_000;
  const machine = describeMachine();
  const at = new Date().toISOString();
  const report = await soak({
    forMs,
    warmUpMs: Math.max(WARM_UP_MS, forMs / 5),
    say: (line) => process.stderr.write(`${line}\n`),
  });
  const { verdict, reasons, runs, seconds, before, after } = report;
  process.stderr.write(`soak ${verdict}: ${runs} runs in ${seconds} s\n`);
  process.stderr.write(`  before ${JSON.stringify(before)}\n  after  ${JSON.stringify(after)}\n`);
  for (const reason of reasons) process.stderr.write(`  because ${reason}\n`);
  const { minutes } = given;
  if (given.record) writeSoakPage({ ...report, at, minutes, machine });
  if (given.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return verdict === 'valid' ? 0 : 1;
}
