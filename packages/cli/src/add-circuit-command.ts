import type * as circuitCommands from './circuit-commands.ts';
import { command, type Context, session } from './command-context.ts';
import { type Session } from './session.ts';

/** Adds `joinery circuits …`. */
export function addCircuitCommand(context: Context): void {
  const { terminal } = context;
  const circuits = command(context, 'circuits', 'Circuit breakers: which targets are left alone.');
  const work = (
    run: (verbs: typeof circuitCommands, open: Session) => Promise<number>,
  ): Promise<void> =>
    session(context, 'circuits', async (_verbs, open) =>
      run(await import('./circuit-commands.ts'), open),
    );
  circuits
    .command('list')
    .description('Lists the breakers that were used within a day.')
    .action(() => work((verbs, open) => verbs.showCircuits(terminal, open)));
  circuits
    .command('show <target>')
    .description('Shows a breaker and when it opened and closed, as JSON.')
    .action((target: string) => work((verbs, open) => verbs.showCircuit(terminal, open, target)));
  circuits
    .command('reset <target>')
    .description('Closes a breaker: its target is called again at once.')
    .option('--reason <text>', 'kept with the breaker', 'joinery circuits reset')
    .action((target: string, { reason }: { reason: string }) =>
      work((verbs, open) => verbs.closeCircuit(terminal, open, { target, reason })),
    );
}
