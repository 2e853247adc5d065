import type { RunState } from '@joinery/core';
import type { MemoryRun } from './memory-run.ts';

/** The record as everybody sees it: a copy, without the store's own bookkeeping. */
export function stateOf({ record }: MemoryRun): RunState {
  const {
    fenceIssued: _fenceIssued,
    decidedVersion: _decidedVersion,
    loads: _loads,
    dirtyAt: _dirtyAt,
    fullAt: _fullAt,
    isFullDue: _isFullDue,
    calm: _calm,
    operations: _operations,
    ...state
  } = record;
  return Object.freeze(state);
}
