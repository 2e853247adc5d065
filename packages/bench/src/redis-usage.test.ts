import { describe, expect, it } from 'vitest';
import { commandStatsOf, usagePer } from './redis-usage.ts';

describe('commandStatsOf', () => {
  it('reads calls and time per command, and nothing else of INFO', () => {
    const info = new Map([
      ['cmdstat_hset', 'calls=4,usec=9,usec_per_call=2.25,rejected_calls=0,failed_calls=0'],
      ['cmdstat_config|resetstat', 'calls=1,usec=2,usec_per_call=2.00'],
      ['redis_version', '7.0.15'],
    ]);
    expect([...commandStatsOf(info)]).toEqual([
      ['hset', { calls: 4, us: 9 }],
      ['config|resetstat', { calls: 1, us: 2 }],
    ]);
  });
});

describe('usagePer', () => {
  it('divides what was done in between', () => {
    const before = {
      scripts: 10,
      commands: 100,
      roundTrips: 8,
      bytesIn: 0,
      bytesOut: 5,
      cpuUs: 50,
    };
    const after = {
      scripts: 30,
      commands: 140,
      roundTrips: 16,
      bytesIn: 8,
      bytesOut: 5,
      cpuUs: 90,
    };
    const expected = {
      scripts: 5,
      commands: 10,
      roundTrips: 2,
      bytesIn: 2,
      bytesOut: 0,
      cpuUs: 10,
    };
    expect(usagePer(4, before, after)).toEqual(expected);
  });
});
