const RealDate = Date;
let offsetMs = 0;

/** `Date` as it is on a machine whose clock is off. Monotonic clocks and timers are not. */
class SkewedDate extends RealDate {
  constructor(...args: readonly [] | readonly [value: number | string | Date]) {
    super(args[0] ?? SkewedDate.now());
  }

  static override now(): number {
    return RealDate.now() + offsetMs;
  }
}

/** Sets the clock of this process off by so much, ms; may be called again. */
export function skewClock(ms: number): void {
  offsetMs = ms;
  Object.assign(globalThis, { Date: SkewedDate });
}
