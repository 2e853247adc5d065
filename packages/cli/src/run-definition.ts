import {
  joineryError,
  type Json,
  type JsonObject,
  parseWorkflowDef,
  type RunId,
  type RunState,
  type WorkflowDef,
} from '@joinery/core';
import { registerDefinition, startRun } from '@joinery/engine';
import { createServiceGroup, exitCodes, type ServiceGroup } from '@joinery/kit';
import { type LiveMember } from '@joinery/store';
import { echoTask, loadTasks, type Task } from '@joinery/worker';
import { withBuiltIns } from './built-in-tasks.ts';
import { describeEvent, followRun } from './follow-run.ts';
import { listenForInterruption } from './interruption.ts';
import { readInput, readJsonFile } from './json-input.ts';
import { createLateEcho, type LateEcho } from './late-echo.ts';
import { createRoleServices, engineRolesLacking, type Role } from './roles.ts';
import { openSession, type Session } from './session.ts';
import { spanText } from './table.ts';
import { type Terminal } from './terminal.ts';
import { workerTypesOf } from './worker-types.ts';

/** What `joinery run` was told. */
export interface RunDefinitionOptions {
  readonly file: string;
  /** JSON, or `@` and the path of a file with it. */
  readonly input?: string;
  /** Module with task handlers. */
  readonly tasks?: string;
  /** Answer every task without a handler with its input. */
  readonly echo?: boolean;
  /** The last line of standard output is one JSON object. */
  readonly json?: boolean;
  readonly waitForWorkers?: boolean;
}

/** Registers a definition, starts a run of it and follows it to its end; exit code 0 only when it is COMPLETED. */
export async function runDefinition(
  terminal: Terminal,
  options: RunDefinitionOptions,
): Promise<number> {
  const { tasks: modulePath, echo = false } = options;
  const json = await readJsonFile(terminal.cwd, options.file);
  const definition = parseWorkflowDef(json);
  const input = await readInput(terminal.cwd, options.input);
  const tasks = modulePath === undefined ? [] : await loadTasks(modulePath, { cwd: terminal.cwd });
  const session = await openSession(terminal, { name: 'run', isRole: false });
  try {
    const own = withNeeded(tasks, definition, session.config);
    const prepared = {
      json,
      definition,
      input,
      tasks: echo ? withEcho(own, definition) : own,
      isEcho: echo,
      mayWait: options.waitForWorkers ?? false,
      isJson: options.json ?? false,
    };
    return await runInSession(terminal, session, prepared);
  } finally {
    await session.close();
  }
}

interface Prepared {
  readonly json: Json;
  readonly definition: WorkflowDef;
  readonly input: JsonObject;
  readonly tasks: readonly Task[];
  readonly isEcho: boolean;
  /** Task types that nobody runs yet are no reason not to start. */
  readonly mayWait: boolean;
  readonly isJson: boolean;
}

/** What every worker runs is run here too, if the definition has it. */
function withNeeded(
  tasks: readonly Task[],
  definition: WorkflowDef,
  config: Session['config'],
): readonly Task[] {
  const needed = new Set(workerTypesOf(definition));
  const builtIns = withBuiltIns([], config).filter(({ type }) => needed.has(type));
  return builtIns.length === 0 ? tasks : withBuiltIns(tasks, config);
}

function withEcho(tasks: readonly Task[], definition: WorkflowDef): readonly Task[] {
  const handled = new Set(tasks.map((task) => task.type));
  const left = workerTypesOf(definition).filter((type) => !handled.has(type));
  return [...tasks, ...left.map(echoTask)];
}

async function runInSession(
  terminal: Terminal,
  session: Session,
  prepared: Prepared,
): Promise<number> {
  const { engine, fleet } = session.open;
  const members = (await fleet.live()).filter((member) => member.phase === 'ready');
  const types = prepared.tasks.map((task) => task.type);
  if (!prepared.mayWait) assertServed(prepared.definition, types, members);
  const echo = prepared.isEcho ? createLateEcho(session, types) : undefined;
  const group = groupOf(session, prepared.tasks, { members, echo });
  await group.start();
  using interruption = listenForInterruption(terminal);
  try {
    await registerDefinition(engine, prepared.json);
    const { name, version } = prepared.definition;
    const { runId } = await startRun(engine, { name, version, input: prepared.input });
    terminal.err(`run ${runId}`);
    const run = await watch(terminal, session, { runId, echo, signal: interruption.signal });
    return run === null
      ? interrupted(terminal, runId)
      : await report(terminal, session, { run, isJson: prepared.isJson });
  } finally {
    await group.stop();
  }
}

/** A run that waits for a worker that nobody starts looks like one that hangs. */
function assertServed(
  definition: WorkflowDef,
  own: readonly string[],
  members: readonly LiveMember[],
): void {
  const served = new Set([...own, ...members.flatMap((member) => member.taskTypes)]);
  const type = workerTypesOf(definition).find((each) => !served.has(each));
  if (type !== undefined) throw joineryError('JN_TASK_TYPE_UNKNOWN', { type });
}

/** What nobody in the fleet does is done here as long as the run is followed. */
function groupOf(
  session: Session,
  tasks: readonly Task[],
  { members, echo }: { members: readonly LiveMember[]; echo: LateEcho | undefined },
): ServiceGroup {
  const lacking = engineRolesLacking(members);
  const roles: readonly Role[] = tasks.length > 0 ? [...lacking, 'worker'] : lacking;
  const { services } = createRoleServices(session, { roles, tasks });
  return createServiceGroup({
    services: echo ? [...services, echo] : services,
    logger: session.logger,
    drainTimeoutMs: session.config.shutdown.drainTimeoutMs,
  });
}

function watch(
  terminal: Terminal,
  { open }: Session,
  { runId, echo, signal }: { runId: RunId; echo: LateEcho | undefined; signal: AbortSignal },
): Promise<RunState | null> {
  let startedAt = 0;
  return followRun(open.store, runId, {
    signal,
    async onEvents(events) {
      for (const recorded of events) {
        startedAt ||= recorded.at;
        const text = describeEvent(recorded);
        if (text !== null) terminal.err(`${spanText(startedAt, recorded.at).padStart(7)}  ${text}`);
      }
      await echo?.serve(events);
    },
  });
}

function interrupted(terminal: Terminal, runId: RunId): number {
  terminal.err(
    `no longer following; the run goes on where an engine is live: joinery inspect ${runId}`,
  );
  return exitCodes.forcedBySigint;
}

async function report(
  terminal: Terminal,
  { open }: Session,
  { run, isJson }: { run: RunState; isJson: boolean },
): Promise<number> {
  const { id: runId, status, reason } = run;
  const output = await open.store.payload(runId, 'run:output');
  if (isJson) terminal.out(JSON.stringify({ runId, status, output, reason }));
  else if (output !== null) terminal.out(JSON.stringify(output, null, 2));
  if (status === 'COMPLETED') return exitCodes.ok;
  terminal.err(`run ${runId} ended ${status}: ${reason || 'no reason was given'}`);
  terminal.err(`  what to do: joinery inspect ${runId}`);
  return exitCodes.failed;
}
