import {
  type Command,
  isTerminalTask,
  letterIdOf,
  type Letter,
  type RunPatch,
} from '@joinery/core';
import { encodeRow, stampsOf } from '../row-codec.ts';
import { type PayloadStage } from './payloads.ts';

/** Commands as `lua/lib/apply-commands.lua` reads them. */
export interface EncodedCommands {
  readonly args: readonly (string | number)[];
  /** Change of the number of open tasks; 0 when a command sets it. */
  readonly openDelta: number;
}

type PutTask = Extract<Command, { type: 'put-task' }>;

/** Flatten commands; payloads go to the stage. Throws a RangeError for numbers that Lua would not carry exactly. */
export function encodeCommands(commands: readonly Command[], stage: PayloadStage): EncodedCommands {
  const args: (string | number)[] = [];
  let openDelta = 0;
  let isOpenSet = false;
  for (const command of commands) {
    args.push(...encodeCommand(command, stage));
    if (command.type === 'put-task') {
      openDelta += Number(!command.row.isSettled) - Number(command.wasOpen);
    }
    isOpenSet ||= command.type === 'patch-run' && command.patch.open !== undefined;
  }
  return { args, openDelta: isOpenSet ? 0 : openDelta };
}

function encodeCommand(command: Command, stage: PayloadStage): readonly (string | number)[] {
  switch (command.type) {
    case 'put-task':
      return encodePut(command);
    case 'keep-attempt':
      return ['K', command.key, exact(command.attempt)];
    case 'put-data':
      return ['D', command.field, stage.put(command.field, command.value)];
    case 'arrive':
      return ['A', command.join, command.key];
    case 'leave':
      return ['a', command.join, command.key];
    case 'arm-timer':
      return ['M', command.timer, exact(Math.max(0, Math.round(command.delayMs)))];
    case 'clear-timer':
      return ['m', command.timer];
    case 'send':
      return encodeLetter(command.letter);
    case 'patch-run':
      return encodePatch(command.patch);
    case 'claim':
      return ['C', command.key, exact(command.leaseMs)];
    case 'record':
      return ['E', JSON.stringify(command.event)];
  }
}

/** Of a dispatch, the job is looked for by its task; any other letter is looked for itself. */
function encodeLetter(letter: Letter): readonly string[] {
  const dispatchKey = letter.type === 'dispatch' ? letter.key : '';
  return ['L', letterIdOf(letter), dispatchKey, JSON.stringify(letter)];
}

function encodePut(command: PutTask): readonly (string | number)[] {
  const { isFresh, isBegun = false } = command;
  // What the script stamps must not stand in the JSON a second time.
  const row = isBegun ? { ...command.row, startedAt: 0 } : command.row;
  const flags = `${stampsOf(row, isFresh)}${isBegun ? 'b' : ''}${todoFlag(command)}`;
  return ['T', row.key, presumedOf(command), flags, encodeRow(row, isFresh)];
}

/** `<rev>`, or `<rev> <token>` where the token counts, too. */
function presumedOf({ presumes, presumesToken }: PutTask): string | number {
  return presumesToken === undefined ? exact(presumes) : `${exact(presumes)} ${presumesToken}`;
}

/** Every other row leaves the list, a retry too: left there, it would be loaded with every slice until it ends. */
function todoFlag({ row }: PutTask): string {
  return isTerminalTask(row.status) && !row.isSettled ? 't' : '';
}

function encodePatch(patch: RunPatch): readonly (string | number)[] {
  return Object.entries(patch).flatMap(([field, value]) => ['R', field, recordText(value)]);
}

/** A field of the record as text: '' for null, false and an empty list. */
function recordText(value: RunPatch[keyof RunPatch] | null): string {
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(exact(value));
  if (value === true) return '1';
  return Array.isArray(value) && value.length === 0 ? '' : JSON.stringify(value);
}

/** Lua prints fourteen digits. */
function exact(value: number): number {
  if (Number.isSafeInteger(value) && Math.abs(value) < 1e14) return value;
  throw new RangeError(`${value} is not a whole number below 1e14`);
}
