import { Option } from 'commander';
import { command, type Context, session } from './command-context.ts';
import type * as deadLetterCommands from './dead-letter-commands.ts';
import { type Session } from './session.ts';
import { countOf } from './whole-number.ts';

const reasonOption = ['--reason <text>', 'kept with the letter'] as const;

/** Adds `joinery dead-letters …`. */
export function addDeadLetterCommand(context: Context): void {
  const { terminal } = context;
  const letters = command(context, 'dead-letters', 'Failed tasks that wait for somebody.');
  const work = (
    run: (verbs: typeof deadLetterCommands, open: Session) => Promise<number>,
  ): Promise<void> =>
    session(context, 'dead-letters', async (_verbs, open) =>
      run(await import('./dead-letter-commands.ts'), open),
    );
  letters
    .command('list')
    .description('Lists letters, the newest first.')
    .option('--all', 'closed ones, too')
    .action(({ all: isAll = false }: { all?: boolean }) =>
      work((verbs, open) => verbs.listLetters(terminal, open, isAll)),
    );
  letters
    .command('show <letter>')
    .description('Shows input, error and audit of a letter, as JSON.')
    .action((id: string) => work((verbs, open) => verbs.showLetter(terminal, open, id)));
  letters
    .command('edit <letter>')
    .description('Gives the task another input at its next replay.')
    .requiredOption('--input <json>', 'JSON, or @ and the path of a file')
    .option(...reasonOption, 'joinery dead-letters edit')
    .action((id: string, flags: { input: string; reason: string }) =>
      work((verbs, open) => verbs.editLetter(terminal, open, { id, ...flags })),
    );
  letters
    .command('replay [letters...]')
    .description('Runs tasks again, in their runs and under their idempotency keys.')
    .option('--all', 'every open letter')
    .addOption(new Option('--per-second <n>', 'how fast').argParser(countOf).default(10))
    .option(...reasonOption, 'joinery dead-letters replay')
    .action((ids: string[], flags: { all?: boolean; perSecond: number; reason: string }) =>
      work((verbs, open) => verbs.replayLetters(terminal, open, { ids, ...flags })),
    );
  letters
    .command('discard <letter>')
    .description('Closes a letter; its task stays failed.')
    .requiredOption(...reasonOption)
    .action((id: string, { reason }: { reason: string }) =>
      work((verbs, open) => verbs.discardLetter(terminal, open, { id, reason })),
    );
}
