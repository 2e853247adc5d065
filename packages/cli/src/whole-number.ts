import { InvalidArgumentError } from 'commander';

/** How many lines a list may have. */
export function countOf(text: string): number {
  return wholeNumber(text, { min: 1, max: 10_000 });
}

/** A whole number of the command line within its range. */
export function wholeNumber(text: string, { min, max }: { min: number; max: number }): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}`);
}
