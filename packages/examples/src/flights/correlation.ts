import { type Flight } from './flight.ts';

/** How delay goes with distance: Pearson's r, three decimals; 0 where one of them never varies. */
export function distanceCorrelation(flights: readonly Flight[]): number {
  const sums = { x: 0, y: 0, xx: 0, yy: 0, xy: 0 };
  for (const { distance: x, delay: y } of flights) {
    sums.x += x;
    sums.y += y;
    sums.xx += x * x;
    sums.yy += y * y;
    sums.xy += x * y;
  }
  const n = flights.length;
  const spread = Math.sqrt((n * sums.xx - sums.x ** 2) * (n * sums.yy - sums.y ** 2));
  return spread === 0 ? 0 : Math.round((1_000 * (n * sums.xy - sums.x * sums.y)) / spread) / 1_000;
}
