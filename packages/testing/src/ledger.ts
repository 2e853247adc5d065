/*
 * The ledger: what was really executed, written down outside the system under test.
 * Invariant: one line is one append of a few hundred bytes, so that lines of many processes do not
 * mix, and a line that was written survives the SIGKILL of its writer.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const ledgerEntry = z.object({
  what: z.enum(['begin', 'end']),
  taskId: z.string(),
  attempt: z.number(),
  token: z.string(),
  pid: z.number(),
});

/** One execution beginning or ending; `token` is the delivery's, the same in both entries. */
export type LedgerEntry = Readonly<z.infer<typeof ledgerEntry>>;

/** What an execution says of itself; the ledger adds the rest. */
export type LedgerKey = Pick<LedgerEntry, 'taskId' | 'attempt' | 'token'>;

/** An append-only list of executions, shared by all processes which open the same file. */
export interface Ledger {
  begin(key: LedgerKey): void;
  end(key: LedgerKey): void;
  /** Every entry so far, in the order of writing. */
  read(): readonly LedgerEntry[];
}

/** Opens the ledger in `file`, which may be absent or shared with other processes. */
export function openLedger(file: string): Ledger {
  const write = (what: LedgerEntry['what'], { taskId, attempt, token }: LedgerKey): void =>
    appendFileSync(file, `${JSON.stringify({ what, taskId, attempt, token, pid: process.pid })}\n`);
  return {
    begin: (key) => write('begin', key),
    end: (key) => write('end', key),
    read: () => (existsSync(file) ? readFileSync(file, 'utf8') : '').split('\n').flatMap(entryOf),
  };
}

function entryOf(line: string): LedgerEntry[] {
  return line === '' ? [] : [ledgerEntry.parse(JSON.parse(line))];
}
