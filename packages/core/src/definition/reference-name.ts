// As long as a Redis key part and a job id stay handy.
const MAX_LENGTH = 255;

/** Why a text cannot name a task; null when it can. */
export function referenceNameProblem(ref: string): string | null {
  if (ref.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} characters`;
  if (ref.includes('__')) return '`__` marks the iterations of a loop';
  if (ref.includes('@')) return '`@` marks the attempts of a task';
  if (/\p{Cc}/u.test(ref)) return 'it contains a control character';
  if (/\p{Surrogate}/u.test(ref)) return 'it contains half a character (a lone surrogate)';
  if (ref === 'workflow') return '`workflow` is the run itself in expressions';
  return null;
}
