import type { DecideResult } from '../decision.ts';

/** Why an operation is not carried out; nothing changes. */
export type Refusal = Extract<DecideResult, { type: 'refused' }>;

/** Refuse an operation; `details` fill the message of the code. */
export function refuse(
  code: Refusal['code'],
  reason: string,
  details: Refusal['details'] = {},
): Refusal {
  return { type: 'refused', code, reason, details };
}
