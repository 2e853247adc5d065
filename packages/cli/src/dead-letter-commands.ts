import {
  discardDeadLetter,
  editDeadLetter,
  getDeadLetter,
  listDeadLetters,
  replayDeadLetters,
} from '@joinery/engine';
import { exitCodes } from '@joinery/kit';
import { UsageError } from './exit.ts';
import { readInput } from './json-input.ts';
import { type Session } from './session.ts';
import { renderTable } from './table.ts';
import { type Terminal } from './terminal.ts';

const ACTOR = 'joinery';

/** `joinery dead-letters list` */
export async function listLetters(
  terminal: Terminal,
  { open }: Session,
  isAll: boolean,
): Promise<number> {
  const found = await listDeadLetters(open, { status: isAll ? 'all' : 'open' });
  const rows = found.map(({ id, definition, cause, status, reason }) => [
    id,
    definition,
    cause,
    status,
    reason,
  ]);
  const head = ['LETTER', 'WORKFLOW', 'CAUSE', 'STATUS', 'REASON'];
  for (const line of renderTable(head, rows)) terminal.out(line);
  return exitCodes.ok;
}

/** `joinery dead-letters show` */
export async function showLetter(
  terminal: Terminal,
  { open }: Session,
  id: string,
): Promise<number> {
  const { letter, events } = await getDeadLetter(open, id);
  terminal.out(JSON.stringify({ ...letter, events }, null, 2));
  return exitCodes.ok;
}

/** `joinery dead-letters edit` */
export async function editLetter(
  terminal: Terminal,
  { open }: Session,
  { id, input, reason }: { readonly id: string; readonly input: string; readonly reason: string },
): Promise<number> {
  const given = await readInput(terminal.cwd, input);
  await editDeadLetter(open, id, { input: given, actor: ACTOR, reason });
  terminal.out('its next replay takes this input');
  return exitCodes.ok;
}

/** `joinery dead-letters replay` */
export async function replayLetters(
  terminal: Terminal,
  { open }: Session,
  request: {
    readonly ids: readonly string[];
    readonly all?: boolean;
    readonly perSecond: number;
    readonly reason: string;
  },
): Promise<number> {
  const { ids, all: isAll = false, perSecond, reason } = request;
  if (isAll === ids.length > 0) throw new UsageError('name letters, or say --all');
  for (const id of ids) await getDeadLetter(open, id);
  const wanted = isAll ? (await listDeadLetters(open)).map((letter) => letter.id) : ids;
  const hand = { actor: ACTOR, reason };
  const count = await replayDeadLetters(open, { ids: wanted, perSecond, ...hand });
  terminal.out(`${count} are replayed, ${perSecond} a second`);
  return exitCodes.ok;
}

/** `joinery dead-letters discard` */
export async function discardLetter(
  terminal: Terminal,
  { open }: Session,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<number> {
  await discardDeadLetter(open, id, { actor: ACTOR, reason });
  terminal.out('it is discarded');
  return exitCodes.ok;
}
