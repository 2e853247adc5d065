import { getCircuit, listCircuits, resetCircuit } from '@joinery/engine';
import { exitCodes } from '@joinery/kit';
import { type Session } from './session.ts';
import { renderTable } from './table.ts';
import { type Terminal } from './terminal.ts';

/** `joinery circuits list` */
export async function showCircuits(terminal: Terminal, { open }: Session): Promise<number> {
  const rows = (await listCircuits(open)).map((circuit) => [
    circuit.target,
    circuit.phase,
    `${circuit.failed} of ${circuit.succeeded + circuit.failed}`,
    String(circuit.trips),
    new Date(circuit.since).toISOString(),
  ]);
  for (const line of renderTable(['TARGET', 'CIRCUIT', 'FAILED', 'TRIPS', 'SINCE'], rows)) {
    terminal.out(line);
  }
  return exitCodes.ok;
}

/** `joinery circuits show` */
export async function showCircuit(
  terminal: Terminal,
  { open }: Session,
  target: string,
): Promise<number> {
  terminal.out(JSON.stringify(await getCircuit(open, target), null, 2));
  return exitCodes.ok;
}

/** `joinery circuits reset` */
export async function closeCircuit(
  terminal: Terminal,
  { open }: Session,
  { target, reason }: { readonly target: string; readonly reason: string },
): Promise<number> {
  await resetCircuit(open, target, { actor: 'joinery', reason });
  terminal.out(`${target} is called again`);
  return exitCodes.ok;
}
