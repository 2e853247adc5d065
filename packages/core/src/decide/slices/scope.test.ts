import { describe, expect, it } from 'vitest';
import { runIdOf, taskIdOf, taskKeyOf } from '@joinery/core';
import { simple, startFlow } from '../../../test/flow.ts';

describe('the parameters of a task', () => {
  it('read the environment that the deciding process shows, and no other', () => {
    const inputParameters = { region: '${workflow.env.REGION}', home: '${workflow.env.HOME}' };
    const flow = startFlow([simple('a', { inputParameters })], { env: { REGION: 'eu' } });
    expect(flow.data('i:a')).toEqual({ region: 'eu', home: null });
  });

  it('name their own task', () => {
    const inputParameters = { id: '${CPEWF_TASK_ID}', text: 'task ${CPEWF_TASK_ID}' };
    const flow = startFlow([simple('a', { inputParameters })]);
    const id = taskIdOf(runIdOf(3, 'abcdefghij0123456789'), taskKeyOf('a'));
    expect(flow.data('i:a')).toEqual({ id, text: `task ${id}` });
  });

  it('hold the reference to a secret, from the task definition too', () => {
    const taskDef = { name: 'a', inputTemplate: { key: '${workflow.secrets.KEY}' } };
    const inputParameters = { key: null, other: '${workflow.secrets.OTHER}' };
    const flow = startFlow([simple('a', { inputParameters })], { taskDefs: [taskDef] });
    expect(flow.data('i:a')).toEqual({
      key: '${workflow.secrets.KEY}',
      other: '${workflow.secrets.OTHER}',
    });
  });
});
