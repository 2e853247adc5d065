import { type Command } from 'commander';
import type * as configCommands from './config-commands.ts';
import { examplesText } from './help-texts.ts';
import type * as lookCommands from './look-commands.ts';
import type * as operateCommands from './operate-commands.ts';
import { type Session } from './session.ts';
import { type Terminal } from './terminal.ts';

/** What a command's action answers: the exit code. */
export type Finish = (exitCode: number) => void;

/** What commands are added with. */
export interface Context {
  readonly program: Command;
  readonly terminal: Terminal;
  readonly finish: Finish;
}

/** Adds a command with its examples. */
export function command({ program }: Context, name: string, description: string): Command {
  const [word = name] = name.split(' ');
  return program.command(name).description(description).addHelpText('after', examplesText(word));
}

/** What commands do when they are called. */
export type Verbs = typeof lookCommands & typeof operateCommands & typeof configCommands;

/**
 * An action that works with an engine of its own. Engine and commands are loaded when they are needed: help and wrong
 * usage are answered at once.
 */
export async function session(
  { terminal, finish }: Context,
  name: string,
  work: (verbs: Verbs, open: Session) => Promise<number>,
): Promise<void> {
  const [look, operate, config] = await Promise.all([
    import('./look-commands.ts'),
    import('./operate-commands.ts'),
    import('./config-commands.ts'),
  ]);
  const verbs = { ...look, ...operate, ...config };
  finish(await operate.withSession(terminal, name, (open) => work(verbs, open)));
}
