import { expect, it } from 'vitest';
import { simple, startFlow } from '../../test/flow.ts';
import { taskKeyOf } from './ids.ts';
import { visibleRows } from './visible-rows.ts';

function shown(flow: ReturnType<typeof startFlow>): readonly string[] {
  const { rows, archived } = flow.model;
  return visibleRows([...archived.values(), ...rows.values()])
    .map(({ key, attempt, status }) => `${key} ${attempt} ${status}`)
    .toSorted();
}

it('shows an attempt that was retried, and neither what was taken back nor what is to be skipped', () => {
  const flow = startFlow([simple('a'), simple('b'), simple('c')])
    .finish('a')
    .fail('b');
  flow.operate({ type: 'retry', reason: '' });
  expect(shown(flow)).toEqual(['a 1 COMPLETED', 'b 1 FAILED', 'b 2 SCHEDULED']);
  flow.finish('b').finish('c');
  flow.operate({ type: 'rerun', key: taskKeyOf('a'), reason: '' });
  flow.operate({ type: 'skip', task: 'c', reason: '' });
  expect(shown(flow)).toEqual(['a 2 SCHEDULED']);
});
