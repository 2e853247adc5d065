import { InvalidArgumentError, Option } from 'commander';
import { command, type Context, session } from './command-context.ts';
import type * as scheduleCommands from './schedule-commands.ts';
import { type Session } from './session.ts';
import { countOf } from './whole-number.ts';

interface BackfillFlags {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly count?: number;
  readonly parallel?: number;
  readonly dryRun?: boolean;
}

/** Adds `joinery schedule …`. */
export function addScheduleCommand(context: Context): void {
  const { terminal } = context;
  const schedule = command(context, 'schedule', 'Starts runs by the calendar.');
  const work = (
    run: (verbs: typeof scheduleCommands, open: Session) => Promise<number>,
  ): Promise<void> =>
    session(context, 'schedule', async (_verbs, open) =>
      run(await import('./schedule-commands.ts'), open),
    );
  schedule
    .command('list')
    .description('Lists schedules with their next firings.')
    .action(() => work((verbs, open) => verbs.listAllSchedules(terminal, open)));
  schedule
    .command('show <name>')
    .description('Shows a schedule as it is stored, as JSON.')
    .action((name: string) => work((verbs, open) => verbs.showSchedule(terminal, open, name)));
  schedule
    .command('put <file.json>')
    .description('Creates or changes a schedule; docs/schedules.md says what the file holds.')
    .action((file: string) => work((verbs, open) => verbs.putScheduleFile(terminal, open, file)));
  schedule
    .command('next <name>')
    .description('Shows the next firings.')
    .addOption(new Option('--limit <n>', 'how many').argParser(countOf).default(5))
    .action((name: string, { limit }: { limit: number }) =>
      work((verbs, open) => verbs.showNext(terminal, open, { name, limit })),
    );
  schedule
    .command('history <name>')
    .description('Shows what the last firings came to, the newest first.')
    .addOption(new Option('--limit <n>', 'how many').argParser(countOf).default(20))
    .action((name: string, { limit }: { limit: number }) =>
      work((verbs, open) => verbs.showHistory(terminal, open, { name, limit })),
    );
  schedule
    .command('pause <name>')
    .description('Starts no runs until it is resumed.')
    .option('--reason <text>', 'for those who wonder', 'joinery schedule pause')
    .action((name: string, { reason }: { reason: string }) =>
      work((verbs, open) => verbs.pause(terminal, open, { name, reason })),
    );
  for (const verb of ['resume', 'delete'] as const) {
    schedule
      .command(`${verb} <name>`)
      .description(verb === 'resume' ? 'Goes on.' : 'Removes a schedule; its runs stay.')
      .action((name: string) => work((verbs, open) => verbs[verb](terminal, open, name)));
  }
  schedule
    .command('backfill <schedule>')
    .description('Runs the sessions of a range that have no run, one after another.')
    .requiredOption('--name <text>', 'the same name and range is the same backfill')
    .addOption(momentOption('--from <moment>', 'first session').makeOptionMandatory())
    .addOption(momentOption('--to <moment>', 'last session').makeOptionMandatory())
    .addOption(new Option('--count <n>', 'only so many, the earliest').argParser(countOf))
    .addOption(new Option('--parallel <n>', 'so many at once').argParser(countOf))
    .option('--dry-run', 'say which sessions, and do nothing')
    .action((name: string, { dryRun: isDryRun = false, ...range }: BackfillFlags) =>
      work((verbs, open) => verbs.backfill(terminal, open, { schedule: name, range, isDryRun })),
    );
}

function momentOption(flags: string, text: string): Option {
  return new Option(flags, `${text}: 2026-05-01, 2026-05-01T07:00:00+02:00`).argParser(momentOf);
}

function momentOf(text: string): number {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  throw new InvalidArgumentError('expected a moment such as 2026-05-01 or 2026-05-01T07:00:00Z');
}
