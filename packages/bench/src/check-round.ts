import { DEFAULT_LOCK_DRIVER } from './bench-engine.ts';
import { type VerifyResult } from './load-driver.ts';
import { type ServiceFacts } from './subject.ts';

/** A round that breaks the rules: the whole measurement is worth nothing. */
export class InvalidRound extends Error {
  constructor(problem: string) {
    super(`the round is invalid: ${problem}`);
    this.name = 'InvalidRound';
  }
}

/** Throws unless every workflow was checked and no service has another lock than the default one. */
export function checkRound(verified: VerifyResult, facts: readonly ServiceFacts[]): void {
  const { startedCount, verifiedCount } = verified;
  if (startedCount === 0) throw new InvalidRound('nothing was started');
  if (startedCount !== verifiedCount) {
    throw new InvalidRound(`${startedCount} workflows were started, ${verifiedCount} checked`);
  }
  for (const { lockDriver } of facts) {
    if (lockDriver === null || lockDriver === DEFAULT_LOCK_DRIVER) continue;
    throw new InvalidRound(
      `the lock driver is '${lockDriver}' instead of '${DEFAULT_LOCK_DRIVER}'`,
    );
  }
}
