import { isJoineryError } from '@joinery/core';
import { TUNABLE_NAMES } from '@joinery/engine';
import { exitCodes, formatDuration, nearestWord, parseConfig, type Config } from '@joinery/kit';
import { UsageError } from './exit.ts';
import { type Session } from './session.ts';
import { renderTable } from './table.ts';
import { type Terminal } from './terminal.ts';

/** `joinery config get`: what is in force, and where it comes from. */
export async function getTunables(
  terminal: Terminal,
  { open, config }: Session,
  name: string | undefined,
): Promise<number> {
  const set = await open.tunables.all();
  const names = name === undefined ? Object.keys(TUNABLE_NAMES) : [knownName(name)];
  const rows = names.map((each) => {
    const value = set[each];
    return value === undefined
      ? [each, formatDuration(configuredMs(config, each)), 'configuration']
      : [each, value, 'set for all processes'];
  });
  const lines =
    name === undefined ? renderTable(['NAME', 'VALUE', 'FROM'], rows) : rows.map((row) => row[1]);
  for (const line of lines) terminal.out(line ?? '');
  return exitCodes.ok;
}

/** `joinery config set`: in force in every live process within a second. */
export async function setTunable(
  terminal: Terminal,
  { open }: Session,
  { name, value }: { readonly name: string; readonly value: string },
): Promise<number> {
  const known = knownName(name);
  assertInRange(known, value);
  await open.tunables.set(known, value);
  terminal.out(`${known} is ${value}, in every process within a second`);
  return exitCodes.ok;
}

function knownName(name: string): string {
  const names = Object.keys(TUNABLE_NAMES);
  if (names.includes(name)) return name;
  throw new UsageError(
    `${name} cannot be set; did you mean ${nearestWord(name, names) ?? 'none'}?`,
  );
}

/** Each tunable is a setting of the configuration too, and has its range from there. */
function variableOf(name: string): string {
  const words = name.replaceAll('.', '_').replaceAll(/[A-Z]/g, (letter) => `_${letter}`);
  return `JOINERY_${words.replace('_decide_', '_')}`.toUpperCase();
}

function assertInRange(name: string, value: string): void {
  const variable = variableOf(name);
  try {
    parseConfig({ [variable]: value });
  } catch (error) {
    if (!isJoineryError(error, 'JN_CONFIG_INVALID')) throw error;
    const problem = String(error.details['problem']).replace(variable, name);
    throw new UsageError(problem, { cause: error });
  }
}

function configuredMs(config: Config, name: string): number {
  const { lock, coordinator, scheduler } = config;
  const byField = { ...lock, ...coordinator, ...scheduler };
  const values = new Map<string, unknown>(Object.entries(byField));
  const value = values.get(TUNABLE_NAMES[name] ?? '');
  return typeof value === 'number' ? value : 0;
}
