import { readFileSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { describe, expect, it } from 'vitest';
import { RUN_STATUSES, TASK_STATUSES } from '@joinery/core';
import { renderStateMachinePage } from './state-machine-page.ts';
import { RUN_EVENTS, RUN_TRANSITIONS, TASK_EVENTS, TASK_TRANSITIONS } from './transitions.ts';

const page = new URL('../../../../docs/reference/state-machine.md', import.meta.url);
const source = readFileSync(new URL('decide.ts', import.meta.url), 'utf8');
const invariants = [...source.matchAll(/^ \* {2}(I\d+) +(.+)$/gm)].map(
  ([, name, text]) => `**${name}** ${text}`,
);

describe('the table of transitions', () => {
  it('is what the reference page says', () => {
    const rendered = renderStateMachinePage(invariants);
    if (env['UPDATE_DOCS'] === '1') writeFileSync(page, rendered);
    expect(readFileSync(page, 'utf8')).toBe(rendered);
  });

  it('has one row per status and event, and knows what every event does to every run', () => {
    const cells = [...RUN_TRANSITIONS, ...TASK_TRANSITIONS].map(({ from, on }) => `${from} ${on}`);
    expect(new Set(cells).size).toBe(cells.length);
    for (const status of RUN_STATUSES) {
      for (const on of RUN_EVENTS.filter((event) => event !== 'start')) {
        expect(cells).toContain(`${status} ${on}`);
      }
    }
  });

  it('uses every event, and leaves no status without a way on: to be acted upon, at least', () => {
    const used = new Set(TASK_TRANSITIONS.map(({ on }) => on));
    expect([...used].toSorted()).toEqual(Object.keys(TASK_EVENTS).toSorted());
    const reached = new Set(TASK_TRANSITIONS.flatMap(({ to }) => to));
    const left = new Set(TASK_TRANSITIONS.map(({ from }) => from));
    expect(TASK_STATUSES.filter((status) => reached.has(status) && !left.has(status))).toEqual([]);
  });
});
