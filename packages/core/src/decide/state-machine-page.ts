import { RUN_TRANSITIONS, TASK_EVENTS, TASK_TRANSITIONS } from './transitions.ts';

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
