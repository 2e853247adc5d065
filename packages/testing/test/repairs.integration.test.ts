import { beforeAll, describe, expect, it } from 'vitest';
import { DIVERGENCES } from '../src/chaos/divergence.ts';
import { measured } from '../src/measured.ts';
import { type Group, type GroupResult, repairAll } from './repairs.fixture.ts';

const PER_GROUP = 10;

describe('runs that have come apart', () => {
  let results: ReadonlyMap<Group, GroupResult>;
  beforeAll(async () => {
    results = await repairAll({ perGroup: PER_GROUP });
    for (const [group, result] of results) measured(`repair of ${group}`, { ...result });
  }, 90_000);

  it.each(DIVERGENCES)('are found, mended once, audited and completed after %s', (kind) => {
    const counts = { runCount: PER_GROUP, mendedOnce: PER_GROUP, completed: PER_GROUP };
    expect(results.get(kind)).toMatchObject({ ...counts, repairs: { [kind]: PER_GROUP } });
  });

  it('are not confused with healthy ones, which are never repaired', () => {
    expect(results.get('healthy')).toMatchObject({ repairs: {}, completed: PER_GROUP });
  });
});
