/** What a command is shown for: an example to be copied, and what it does. Tests run every one of them. */
export interface Example {
  readonly line: string;
  readonly says: string;
}

/** Examples by command; `<run>` stands for the id of a run. */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  all: [
    { line: 'joinery all', says: 'everything but a worker, at http://127.0.0.1:8080' },
    { line: 'joinery all --port 0 --tasks tasks.mjs', says: 'with a worker, at a free port' },
  ],
  worker: [{ line: 'joinery worker --tasks tasks.mjs', says: 'one more worker' }],
  run: [
    { line: 'joinery run order.json --echo', says: 'try a definition out, without any handler' },
    {
      line: `joinery run order.json --tasks tasks.mjs --input '{"id":7}'`,
      says: 'with your handlers',
    },
    {
      line: 'joinery run order.json --echo --input @input.json --json',
      says: 'the result as one line of JSON',
    },
  ],
  runs: [{ line: 'joinery runs --limit 5', says: 'the five newest runs' }],
  definitions: [{ line: 'joinery definitions', says: 'what is registered' }],
  inspect: [
    { line: 'joinery inspect <run>', says: 'the tasks of a run with their times' },
    { line: 'joinery inspect <run> --json', says: 'the same, for programs' },
  ],
  explain: [{ line: 'joinery explain <run>', says: 'why does it not move?' }],
  decide: [{ line: 'joinery decide <run>', says: 'decide now what is left to decide' }],
  repair: [
    { line: 'joinery repair --dry-run', says: 'what does not agree, in all runs and queues' },
    { line: 'joinery repair <run>', says: 'mend one run' },
  ],
  'rebuild-index': [{ line: 'joinery rebuild-index', says: 'searches find less until it is done' }],
  pause: [{ line: 'joinery pause <run>', says: 'begin no further tasks' }],
  resume: [{ line: 'joinery resume <run>', says: 'go on' }],
  terminate: [
    { line: `joinery terminate <run> --reason 'no longer needed'`, says: 'end it for good' },
  ],
  'dead-letters': [
    { line: 'joinery dead-letters list', says: 'failed tasks that wait for somebody' },
    {
      line: `joinery dead-letters replay --all --per-second 5 --reason 'the bank is back'`,
      says: 'run them again, five a second',
    },
  ],
  circuits: [
    { line: 'joinery circuits list', says: 'which targets are called, and which are left alone' },
    { line: 'joinery circuits show bank', says: 'one of them, and when it opened and closed' },
    {
      line: `joinery circuits reset bank --reason 'the bank is back'`,
      says: 'call it again, in force within a second',
    },
  ],
  fleet: [{ line: 'joinery fleet', says: 'who is alive, and whether anybody carries runs on' }],
  schedule: [
    {
      line: 'joinery schedule put nightly.json',
      says: 'create or change, in force within a second',
    },
    { line: 'joinery schedule list', says: 'what there is, and when it fires next' },
    { line: 'joinery schedule next nightly --limit 3', says: 'the next three firings' },
    { line: 'joinery schedule history nightly', says: 'what its last firings came to' },
    { line: `joinery schedule pause nightly --reason 'holiday'`, says: 'start nothing' },
    { line: 'joinery schedule resume nightly', says: 'go on; what was missed is its policy' },
    {
      line: 'joinery schedule backfill nightly --name may --from 2026-05-01 --to 2026-05-03 --dry-run',
      says: 'which sessions would be run after all',
    },
    { line: 'joinery schedule delete nightly', says: 'its runs stay' },
  ],
  retry: [
    {
      line: `joinery retry <run> --reason 'the shop is open again'`,
      says: 'try what has failed, keep the rest',
    },
  ],
  restart: [
    { line: 'joinery restart <run>', says: 'everything again, with the definition that it had' },
    { line: 'joinery restart <run> --latest', says: 'with the definition as it is now' },
  ],
  rerun: [
    {
      line: 'joinery rerun <run> charge_ref',
      says: 'this task and all that follows from it; in a loop, charge_ref__2 is that of iteration 2',
    },
    { line: `joinery rerun <run> charge_ref --input '{"amount":3}'`, says: 'with another input' },
  ],
  skip: [
    {
      line: `joinery skip <run> ship_ref --output '{"by":"hand"}'`,
      says: 'pass a task by that is still to come',
    },
  ],
  signal: [
    {
      line: `joinery signal <run> --output '{"ok":true}'`,
      says: 'end the first WAIT, HUMAN or YIELD, here or in a run below',
    },
    { line: 'joinery signal <run> approve --status FAILED', says: 'end this one, as failed' },
  ],
  'set-variables': [
    { line: `joinery set-variables <run> '{"limit":3}'`, says: 'for what comes later' },
  ],
  config: [
    { line: 'joinery config get', says: 'what can be changed while processes run' },
    {
      line: 'joinery config set lock.decide.timeToTry 2s',
      says: 'in force everywhere within a second',
    },
  ],
};

/** The lines below the options of a command's help. */
export function examplesText(command: string): string {
  const examples = EXAMPLES[command] ?? [];
  if (examples.length === 0) return '';
  return ['', 'Examples:', ...examples.map(({ line, says }) => `  ${line}\n      ${says}`)].join(
    '\n',
  );
}

/** Below the list of all commands. */
export const OVERVIEW = `
Without REDIS_URL a private Redis is started in .joinery/ and stopped at the end; its data stays there.
Settings are environment variables (docs/reference/config.md); --help after a command shows its examples.

Exit codes: 0 done, 1 failed, 2 wrong usage, 78 wrong configuration, 130 interrupted.

Examples:
  joinery run order.json --echo
      try a definition out: every task answers with its input
  joinery all --tasks tasks.mjs
      everything in one process, at http://127.0.0.1:8080
  joinery explain <run>
      why does a run not move?`;
