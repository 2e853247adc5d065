import { isJoineryError } from '@joinery/core';
import { z } from 'zod';

/** The reason that names the place of an error. */
export function reasonOf(place: string, error: unknown): string {
  if (isJoineryError(error)) return `${place}: ${error.code} ${error.message}`;
  return `${place}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}

/** True for the answer to a start that would be refused again: no such definition, an input that is not allowed. */
export function isRefusal(error: unknown): boolean {
  if (!isJoineryError(error)) return isDeterministic(error);
  return error.category !== 'StoreUnavailable' && error.category !== 'StaleOwner';
}

/**
 * True for an error that comes back however often the call is repeated: what is stored cannot be read, or what is to be
 * stored is not allowed. Anything else (Redis away, a bug of a driver) is left to a later try.
 */
export function isDeterministic(error: unknown): boolean {
  if (isJoineryError(error)) {
    return error.category === 'Invariant' || error.category === 'InvalidInput';
  }
  if (!(error instanceof Error)) return false;
  return (
    error instanceof z.ZodError ||
    error.cause instanceof z.ZodError ||
    error.message.includes('WRONGTYPE')
  );
}

/** The refusal as the one who asked is told it. */
export function refusalOf(error: unknown): string {
  return isJoineryError(error) ? `${error.code}: ${error.message}` : String(error);
}
