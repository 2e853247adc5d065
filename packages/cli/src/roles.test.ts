import { describe, expect, it } from 'vitest';
import { engineRolesLacking } from './roles.ts';

describe('the roles that a run needs', () => {
  it('are all lacking where nobody is live', () => {
    expect(engineRolesLacking([])).toEqual(['scheduler', 'coordinator', 'sweeper']);
  });

  it('may be spread over processes, and none that is starting or leaving counts', () => {
    const members = [
      { roles: ['worker', 'coordinator'], phase: 'ready' },
      { roles: ['scheduler'], phase: 'draining' },
      { roles: ['sweeper'], phase: 'starting' },
      { roles: ['sweeper', 'server'], phase: 'ready' },
    ] as const;
    expect(engineRolesLacking(members)).toEqual(['scheduler']);
  });
});
