/** Tells whether so much time has gone by since it was made; without a bound it never has. */
export function timeLimit(forMs = Number.POSITIVE_INFINITY): () => boolean {
  const startedAt = performance.now();
  return () => performance.now() - startedAt >= forMs;
}
