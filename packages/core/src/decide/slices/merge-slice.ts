import type { Slice } from '../../run/slice.ts';

/** The slice with more of the run in it. What was there already stands: it is what the guards presume. */
export function mergeSlice(
  slice: Slice,
  more: Pick<Slice, 'rows' | 'data' | 'arrivals' | 'evaluations'>,
): Slice {
  return {
    ...slice,
    rows: new Map([...more.rows, ...slice.rows]),
    data: new Map([...more.data, ...slice.data]),
    arrivals: new Map([...more.arrivals, ...slice.arrivals]),
    evaluations: new Map([...(more.evaluations ?? []), ...(slice.evaluations ?? [])]),
  };
}
