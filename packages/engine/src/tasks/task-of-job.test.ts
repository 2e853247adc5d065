import { runIdOf, taskIdOf, taskKeyOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { jobOf } from '../letters/enqueue-letters.ts';
import { taskOfJob } from './task-of-job.ts';

const runId = runIdOf(1, 'runrunrun');
const key = taskKeyOf('größe', [2]);
const place = { key, ref: 'größe', taskType: 't', attempt: 1, dispatch: 1, priority: 0 };
const letter = { type: 'dispatch', ...place } as const;
const job = jobOf({ runId, definition: 'd', traceId: '', letter });

describe('the task of a job', () => {
  it('is the one of the letter that the job was made of', () => {
    expect(taskOfJob(job)).toEqual({ runId, key });
  });

  it('is nobody’s when the parts of the job contradict each other', () => {
    expect(taskOfJob({ ...job, runId: 'not ours' })).toBeNull();
    expect(taskOfJob({ ...job, key: 'other' })).toBeNull();
    expect(taskOfJob({ ...job, taskId: taskIdOf(runIdOf(2, 'runrunrun'), key) })).toBeNull();
  });
});
