import { describe, expect, it } from 'vitest';
import { operator, simple, startFlow } from '../../test/flow.ts';
import { decide } from './decide.ts';
import type { DecideResult, Decision } from './decision.ts';
import { SIZE_LIMITS, type SizeLimits } from './size-limit.ts';

interface Size {
  readonly seq?: number;
  readonly version?: number;
}

/** What is answered about a run whose first task has just ended, at this size. */
function answered(size: Size, sizeLimits?: SizeLimits): DecideResult {
  const flow = startFlow([simple('a'), operator('NOOP', 'b'), simple('c')]);
  flow.store('a');
  const slice = flow.model.minimalSlice();
  const asked = { plan: flow.plan, event: { type: 'look' }, seed: 1 } as const;
  return decide({
    ...asked,
    slice: { ...slice, run: { ...slice.run, ...size } },
    ...(sizeLimits !== undefined && { sizeLimits }),
  });
}

function decided(size: Size, sizeLimits?: SizeLimits): Decision {
  const answer = answered(size, sizeLimits);
  if (answer.type !== 'decision') throw new Error(`the answer is ${answer.type}`);
  return answer.decision;
}

const kinds = ({ commands }: Decision): readonly string[] =>
  commands.map((command) => (command.type === 'record' ? command.event.type : command.type));

describe('the size of a run', () => {
  it('is no reason to stop it as long as it is within its limits', () => {
    const within = { seq: SIZE_LIMITS.tasks, version: SIZE_LIMITS.history };
    // It goes on, and asks for what follows.
    expect(answered(within).type).toBe('needs');
  });

  it.each([
    [{ seq: SIZE_LIMITS.tasks + 1 }, 'tasks', 'attempts of tasks'],
    [{ version: SIZE_LIMITS.history + 1 }, 'history', 'events in its history'],
  ] as const)('ends it FAILED when it is beyond one: %o', (size, limited, what) => {
    const decision = decided(size);
    expect(kinds(decision)).toEqual(['patch-run', 'run.limited', 'run.closing']);
    const limit = SIZE_LIMITS[limited];
    const reason = `The run has ${limit + 1} ${what}, more than the limit of ${limit}`;
    expect(decision.commands).toEqual(
      expect.arrayContaining([
        { type: 'patch-run', patch: { closing: { status: 'FAILED', reason } } },
        {
          type: 'record',
          event: { type: 'run.limited', limited, count: limit + 1, limit, policy: 'fail' },
        },
      ]),
    );
    expect(decision.hasMore).toBe(true);
  });

  it('lets it wait where that is the policy', () => {
    const decision = decided({ seq: 11 }, { tasks: 10, history: 1_000, policy: 'pause' });
    expect(kinds(decision)).toEqual(['patch-run', 'run.limited', 'run.paused']);
    expect(decision.commands[0]).toEqual({ type: 'patch-run', patch: { status: 'PAUSED' } });
    expect(decision.hasMore).toBe(false);
  });
});
