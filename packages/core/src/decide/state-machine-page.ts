import { OPERATION_RULES, RUN_TRANSITIONS, TASK_EVENTS, TASK_TRANSITIONS } from './transitions.ts';

const HEAD = `# State machines of runs and tasks

Generated from \`transitions.ts\` and the head of \`decide.ts\` of \`@joinery/core\`; do not edit. Random runs check that
nothing else happens, and that each of these happens often.
`;

const RUNS = `
## Runs

\`NONE\`: before the start. \`CLOSING\`: the end is fixed, open tasks are being canceled; nothing is claimed, completed or
scheduled any more. \`look\` is any decision that nobody asked for by name: something has arrived, a timer is due, or
somebody merely wants to be sure. \`refused\`: the operation is not legal there and changes nothing.

| from | on | to |
|---|---|---|
`;

const OPERATIONS = `
## Operations on runs

Each is one transition with an event that says who asked, when and why; asked for twice under one request id it is carried
out once. In a phase that is not named here it is refused. Retry, restart and rerun are one reset: tasks are taken back
(a later attempt takes their place), joins and loops are opened again in theirs, and the flow enters what follows from
the rest.

| operation | legal in | makes it |
|---|---|---|
`;

const TASKS = `
## Tasks

\`NONE\`: the flow has not reached it. A task that has ended is *settled* when the decider has acted upon its end.

| from | on | to |
|---|---|---|
`;

const EVENTS = `
| event | who, and why |
|---|---|
`;

const INVARIANTS = `
## What always holds

`;

/** The reference page of the state machines, as Markdown; the invariants are the lines of the head of `decide.ts`. */
export function renderStateMachinePage(invariants: readonly string[]): string {
  return [
    HEAD,
    RUNS,
    ...RUN_TRANSITIONS.map(row),
    OPERATIONS,
    ...OPERATION_RULES.map(({ on, from, to }) => `| ${on} | ${from.join(' · ')} | ${to} |\n`),
    TASKS,
    ...TASK_TRANSITIONS.map(row),
    EVENTS,
    ...Object.entries(TASK_EVENTS).map(([event, why]) => `| ${event} | ${why} |\n`),
    INVARIANTS,
    ...invariants.map((line) => `- ${line}\n`),
  ].join('');
}

function row({
  from,
  on,
  to,
}: {
  readonly from: string;
  readonly on: string;
  readonly to: readonly string[];
}): string {
  return `| ${from} | ${on} | ${to.join(' · ')} |\n`;
}
