import { Argument, Command, Option } from 'commander';
import { addCircuitCommand } from './add-circuit-command.ts';
import { addDeadLetterCommand } from './add-dead-letter-command.ts';
import { addReopenCommands } from './add-reopen-commands.ts';
import { addScheduleCommand } from './add-schedule-command.ts';
import { command, type Context, type Finish, session } from './command-context.ts';
import { countOf, wholeNumber } from './whole-number.ts';
import { OVERVIEW } from './help-texts.ts';
import { type RunRolesOptions } from './run-roles.ts';
import { type Terminal } from './terminal.ts';

/** The command line as a whole. Each action reports its exit code to `finish`, or throws. */
export function createProgram(terminal: Terminal, finish: Finish): Command {
  const program = new Command('joinery')
    .description('A durable workflow engine on Redis and BullMQ.')
    .addHelpText('after', OVERVIEW)
    .showHelpAfterError('(joinery --help, or joinery <command> --help, shows what there is)');
  const context = { program, terminal, finish };
  addRoleCommands(context);
  addRunCommand(context);
  addLookCommands(context);
  addOperatorCommands(context);
  addConfigCommand(context);
  addReopenCommands(context);
  addScheduleCommand(context);
  addDeadLetterCommand(context);
  addCircuitCommand(context);
  return program;
}

const tasksOption = '--tasks <module>';
const exposeOption = '--expose';
const exposeText = 'listen also beyond loopback, although nobody is asked for a key';

interface RoleFlags {
  readonly port?: number;
  readonly tasks?: string;
  readonly expose?: boolean;
}

function addRoleCommands(context: Context): void {
  const { terminal, finish } = context;
  const run = (role: RunRolesOptions['role']) => async (flags: RoleFlags) => {
    const { runRoles } = await import('./run-roles.ts');
    const { expose: isExposed = false, ...rest } = flags;
    finish(await runRoles(terminal, { role, isExposed, ...rest }));
  };
  command(context, 'all', 'All roles in one process, with the HTTP API and the queues’ pages.')
    .addOption(new Option('--port <n>', 'port of the HTTP API, 0 = a free one').argParser(portOf))
    .option(tasksOption, 'module with task handlers; without it HTTP tasks alone are run')
    .option(exposeOption, exposeText)
    .action(run('all'));
  command(context, 'worker', 'Runs tasks.')
    .option(tasksOption, 'module with task handlers; without it HTTP tasks alone are run')
    .action(run('worker'));
  command(
    context,
    'scheduler',
    'Starts runs from the queue `workflow-starts`, relays letters.',
  ).action(run('scheduler'));
  command(context, 'coordinator', 'Decides what comes next in a run.').action(run('coordinator'));
  command(context, 'sweeper', 'Looks after runs that stand still, and mends what was lost.').action(
    run('sweeper'),
  );
  command(context, 'server', 'The HTTP API, metrics, and the queues’ pages.')
    .addOption(new Option('--port <n>', 'port, 0 = a free one').argParser(portOf))
    .option(exposeOption, exposeText)
    .action(run('server'));
}

interface RunFlags {
  readonly input?: string;
  readonly tasks?: string;
  readonly echo?: boolean;
  readonly json?: boolean;
  readonly waitForWorkers?: boolean;
}

function addRunCommand(context: Context): void {
  const { terminal, finish } = context;
  command(
    context,
    'run <definition.json>',
    'Registers a definition, runs it, follows it to its end.',
  )
    .option('--input <json>', 'input of the run: JSON, or @ and the path of a file')
    .option(tasksOption, 'module with task handlers to run here')
    .option('--echo', 'answer every task that has no handler with its input')
    .option('--json', 'end standard output with { runId, status, output, reason }')
    .option('--wait-for-workers', 'start although nobody runs some task type yet')
    .action(async (file: string, flags: RunFlags) => {
      const { runDefinition } = await import('./run-definition.ts');
      finish(await runDefinition(terminal, { file, ...flags }));
    });
}

function addLookCommands(context: Context): void {
  const { terminal } = context;
  command(context, 'runs', 'Lists runs, newest first.')
    .addOption(new Option('--limit <n>', 'how many').argParser(countOf).default(20))
    .option('--json', 'for programs')
    .action(({ limit, json: isJson = false }: { limit: number; json?: boolean }) =>
      session(context, 'runs', (verbs, open) => verbs.listRuns(terminal, open, { limit, isJson })),
    );
  command(context, 'definitions', 'Lists the registered definitions.').action(() =>
    session(context, 'definitions', (verbs, open) => verbs.listDefinitions(terminal, open)),
  );
  command(context, 'fleet', 'Lists the live processes.').action(() =>
    session(context, 'fleet', (verbs, open) => verbs.showFleet(terminal, open)),
  );
  command(context, 'inspect <run>', 'Shows a run and its tasks with their times.')
    .option('--json', 'for programs')
    .action((id: string, { json: isJson = false }: { json?: boolean }) =>
      session(context, 'inspect', (verbs, open) =>
        verbs.inspectRun(terminal, open, { id, isJson }),
      ),
    );
  command(context, 'explain <run>', 'Says why a run is where it is.').action((id: string) =>
    session(context, 'explain', (verbs, open) => verbs.explain(terminal, open, id)),
  );
}

function addOperatorCommands(context: Context): void {
  const { terminal } = context;
  command(context, 'decide <run>', 'Decides a run now, here.').action((id: string) =>
    session(context, 'decide', (verbs, open) => verbs.decide(terminal, open, id)),
  );
  command(context, 'repair [run]', 'Mends what store and queues disagree about, in one run or all.')
    .option('--dry-run', 'say what would be mended, and do nothing')
    .action((id: string | undefined, { dryRun = false }: { dryRun?: boolean }) =>
      session(context, 'repair', (verbs, open) => verbs.repair(terminal, open, { id, dryRun })),
    );
  command(context, 'rebuild-index', 'Makes anew what searches read.').action(() =>
    session(context, 'rebuild-index', (verbs, open) => verbs.rebuild(terminal, open)),
  );
  const operations = {
    pause: 'Begins no further tasks of a run.',
    resume: 'Lets a paused run go on.',
    terminate: 'Ends a run for good; its open tasks are canceled.',
  } as const;
  for (const type of ['pause', 'resume', 'terminate'] as const) {
    command(context, `${type} <run>`, operations[type])
      .option('--reason <text>', 'for the history', `joinery ${type}`)
      .action((id: string, { reason }: { reason: string }) =>
        session(context, type, (verbs, open) => {
          const operation = { type, reason };
          return verbs.operate(terminal, open, { id, operation });
        }),
      );
  }
}

function addConfigCommand(context: Context): void {
  const { terminal } = context;
  const config = command(context, 'config', 'Settings that change while processes run.');
  config
    .command('get')
    .description('Shows what is in force.')
    .argument('[name]')
    .action((name: string | undefined) =>
      session(context, 'config', (verbs, open) => verbs.getTunables(terminal, open, name)),
    );
  config
    .command('set')
    .description('Changes a setting for all processes.')
    .addArgument(new Argument('<name>'))
    .addArgument(new Argument('<value>'))
    .action((name: string, value: string) =>
      session(context, 'config', (verbs, open) =>
        verbs.setTunable(terminal, open, { name, value }),
      ),
    );
}

function portOf(text: string): number {
  return wholeNumber(text, { min: 0, max: 65_535 });
}
