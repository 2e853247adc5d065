import { CommanderError } from 'commander';
import { failureOf, USAGE_EXIT } from './exit.ts';
import { createProgram } from './program.ts';
import { type Terminal } from './terminal.ts';

/** Runs one command line (without node and script) and answers the exit code. Never throws. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = createProgram(terminal, (code) => {
    exitCode = code;
  });
  for (const each of [
    program,
    ...program.commands,
    ...program.commands.flatMap((c) => c.commands),
  ]) {
    each.exitOverride().configureOutput({
      writeOut: (text) => {
        terminal.out(text.trimEnd());
      },
      writeErr: (text) => {
        terminal.err(text.trimEnd());
      },
    });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said what is wrong, or has shown its help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT;
    const { lines, exitCode: code } = failureOf(error);
    for (const line of lines) terminal.err(line);
    return code;
  }
}
