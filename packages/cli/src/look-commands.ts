import { joineryError, parseWorkflowDef } from '@joinery/core';
import { exitCodes } from '@joinery/kit';
import { runIdOf } from './operate-commands.ts';
import { renderRun, renderRuns } from './render-run.ts';
import { type Session } from './session.ts';
import { renderTable } from './table.ts';
import { type Terminal } from './terminal.ts';

/** `joinery runs` */
export async function listRuns(
  terminal: Terminal,
  { open }: Session,
  { limit, isJson }: { readonly limit: number; readonly isJson: boolean },
): Promise<number> {
  const runs = await open.store.list(limit);
  if (isJson) terminal.out(JSON.stringify(runs));
  else for (const line of renderRuns(runs, open.engine.clock.now())) terminal.out(line);
  return exitCodes.ok;
}

/** `joinery definitions` */
export async function listDefinitions(terminal: Terminal, { open }: Session): Promise<number> {
  const found = await open.definitions.listWorkflows();
  const rows = found.map(({ name, version }) => [name, String(version)]);
  for (const line of renderTable(['NAME', 'VERSION'], rows)) terminal.out(line);
  return exitCodes.ok;
}

/** `joinery fleet` */
export async function showFleet(terminal: Terminal, { open }: Session): Promise<number> {
  const [{ mode, generation, at }, members] = await Promise.all([
    open.fleet.state(),
    open.fleet.live(),
  ]);
  const since = at === 0 ? '' : ` since ${new Date(at).toISOString()}`;
  terminal.out(mode === 'ACTIVE' ? `active${since}` : `suspended: no engine${since}`);
  const rows = members.map((member) => [
    member.id,
    member.roles.join(','),
    member.phase,
    String(member.inflight),
  ]);
  for (const line of renderTable(['ID', 'ROLES', 'PHASE', 'IN HAND'], rows)) terminal.out(line);
  if (generation > 0) terminal.out(`a last engine has left ${generation} times`);
  return exitCodes.ok;
}

/** `joinery inspect` */
export async function inspectRun(
  terminal: Terminal,
  { open }: Session,
  { id, isJson }: { readonly id: string; readonly isJson: boolean },
): Promise<number> {
  const runId = runIdOf(id);
  const { store, definitions, engine } = open;
  const run = await store.find(runId);
  if (run === null) throw joineryError('JN_RUN_NOT_FOUND', { runId });
  const [rows, input, output, pinned] = await Promise.all([
    store.rows(runId),
    store.payload(runId, 'run:input'),
    store.payload(runId, 'run:output'),
    definitions.getPinned(run.planId),
  ]);
  if (isJson) {
    terminal.out(JSON.stringify({ run, tasks: rows, input, output }));
    return exitCodes.ok;
  }
  const definition = pinned === null ? null : parseWorkflowDef(pinned.definition);
  const lines = renderRun(run, rows, { definition, now: engine.clock.now() });
  for (const line of lines) terminal.out(line);
  terminal.out('');
  terminal.out(`input   ${JSON.stringify(input)}`);
  terminal.out(`output  ${JSON.stringify(output)}`);
  return exitCodes.ok;
}
