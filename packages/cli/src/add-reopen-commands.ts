import { type JsonObject } from '@joinery/core';
import { Option } from 'commander';
import { command, type Context, session } from './command-context.ts';
import { readInput } from './json-input.ts';
import type * as reopenCommands from './reopen-commands.ts';
import { type Session } from './session.ts';

interface Flags {
  readonly reason: string;
  readonly latest?: boolean;
  readonly input?: string;
  readonly output?: string;
  readonly status?: 'COMPLETED' | 'FAILED' | 'FAILED_WITH_TERMINAL_ERROR' | 'IN_PROGRESS';
}

type Work = (verbs: typeof reopenCommands, open: Session) => Promise<number>;

/** Adds retry, restart, rerun, skip, signal and set-variables. */
export function addReopenCommands(context: Context): void {
  addReopening(context);
  addTouching(context);
}

function addReopening(context: Context): void {
  const { terminal } = context;
  withReason(
    context,
    'retry <run>',
    'Tries what has failed once more; what has succeeded is kept.',
  ).action((id: string, { reason }: Flags) =>
    work(context, (verbs, open) =>
      verbs.touch(terminal, open, { id, operation: { type: 'retry', reason } }),
    ),
  );
  withReason(context, 'restart <run>', 'Begins a run that has ended anew, under the same id.')
    .option('--latest', 'with the latest definition of its name, not the one that it had')
    .action((id: string, { reason, latest = false }: Flags) =>
      work(context, (verbs, open) => verbs.restart(terminal, open, { id, latest, reason })),
    );
  withReason(
    context,
    'rerun <run> <task>',
    'Runs a task of an ended run and all that follows from it.',
  )
    .option('--input <json>', 'input of the task: JSON, or @ and the path of a file')
    .action((id: string, task: string, { reason, input }: Flags) =>
      work(context, async (verbs, open) => {
        const given = input === undefined ? {} : { input: await read(context, input) };
        return verbs.rerun(terminal, open, { id, task, reason, ...given });
      }),
    );
}

function addTouching(context: Context): void {
  const { terminal } = context;
  withReason(context, 'skip <run> <task>', 'Passes a task by when the flow comes to it.')
    .option('--output <json>', 'output of the task: JSON, or @ and the path of a file')
    .action((id: string, task: string, { reason, output: text }: Flags) =>
      work(context, async (verbs, open) => {
        const output = await read(context, text);
        const operation = { type: 'skip', task, output, reason } as const;
        return verbs.touch(terminal, open, { id, operation });
      }),
    );
  withReason(
    context,
    'signal <run> [task]',
    'Ends a WAIT, HUMAN or YIELD: the one named, or the first.',
  )
    .option('--output <json>', 'output of the task: JSON, or @ and the path of a file')
    .addOption(
      new Option('--status <status>', 'how it ends; IN_PROGRESS leaves it waiting')
        .choices(['COMPLETED', 'FAILED', 'FAILED_WITH_TERMINAL_ERROR', 'IN_PROGRESS'])
        .default('COMPLETED'),
    )
    .action((id: string, task: string | undefined, flags: Flags) =>
      work(context, async (verbs, open) => {
        const { reason, status = 'COMPLETED', output: text } = flags;
        const output = await read(context, text);
        const to = task === undefined ? {} : { task };
        return verbs.signal(terminal, open, { id, ...to, output, status, reason });
      }),
    );
  withReason(
    context,
    'set-variables <run> <json>',
    'Sets variables of a run, for what comes later.',
  ).action((id: string, text: string, { reason }: Flags) =>
    work(context, async (verbs, open) => {
      const variables = await read(context, text);
      const operation = { type: 'set-variables', variables, reason } as const;
      return verbs.touch(terminal, open, { id, operation });
    }),
  );
}

function withReason(context: Context, name: string, text: string): ReturnType<typeof command> {
  const [word = name] = name.split(' ');
  return command(context, name, text).option(
    '--reason <text>',
    'for the history',
    `joinery ${word}`,
  );
}

function work(context: Context, run: Work): Promise<void> {
  return session(context, 'operate', async (_verbs, open) =>
    run(await import('./reopen-commands.ts'), open),
  );
}

function read({ terminal }: Context, text: string | undefined): Promise<JsonObject> {
  return readInput(terminal.cwd, text);
}
