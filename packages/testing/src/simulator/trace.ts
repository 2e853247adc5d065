import { type Fault } from './fault.ts';

/** What happened in one step. */
export interface TraceLine {
  readonly step: number;
  /** Since the beginning, ms of simulated time. */
  readonly atMs: number;
  readonly party: string;
  readonly call: string;
  readonly args: readonly unknown[];
  readonly fault: Fault['kind'] | null;
  readonly reply: unknown;
}

/** One line per step: number, time, who, what, what it was answered, and what went wrong. */
export function renderTrace(lines: readonly TraceLine[]): string {
  return lines.map(renderLine).join('\n');
}

function renderLine({ step, atMs, party, call, args, fault, reply }: TraceLine): string {
  const head = `${String(step).padStart(4)} ${String(atMs).padStart(7)}ms ${party.padEnd(16)}`;
  const what = `${call}(${args.map((arg) => brief(arg, 60)).join(', ')})`;
  const answer = reply === undefined ? '' : ` -> ${brief(reply, 110)}`;
  return `${head} ${what}${answer}${fault === null ? '' : `   *** ${fault}`}`;
}

/** Fields that tell what a call is about; the others make lines long. */
const TELLING = new Set([
  'type',
  'key',
  'attempt',
  'dispatch',
  'status',
  'isDirty',
  'hasMore',
  'by',
  'fence',
  'decision',
  'runId',
  'runIds',
  'commands',
  'needsDecision',
  'endedClaims',
  'checks',
  'hasLock',
  'isForced',
  'waitMs',
  'reason',
  'token',
]);

function brief(value: unknown, limit: number): string {
  const text = JSON.stringify(value, (name, part: unknown) => {
    if (name === '' || /^\d+$/.test(name) || TELLING.has(name)) return shortened(part);
    return undefined;
  });
  if (text === undefined) return '';
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

/** Ids are told apart by their first letters; of commands the kind is enough. */
function shortened(part: unknown): unknown {
  if (typeof part === 'string' && part.length > 24) return `${part.slice(0, 8)}…`;
  if (Array.isArray(part) && part.length > 0 && part.every(isCommand)) {
    return part.map(({ type, row }) => (row === undefined ? type : `${row.key}=${row.status}`));
  }
  return part;
}

interface CommandLike {
  readonly type: string;
  readonly row?: { readonly key: string; readonly status: string };
}

function isCommand(part: unknown): part is CommandLike {
  return typeof part === 'object' && part !== null && 'type' in part && !('runId' in part);
}
