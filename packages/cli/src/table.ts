/** Rows with a head, in columns as wide as their widest cell; nothing behind the last one. */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => widthOf(row[column]))));
  return all.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
      .join('  ')
      .trimEnd(),
  );
}

/** A moment as ISO text to the second, in UTC; `-` for 0, which means not yet. */
export function momentText(at: number): string {
  return at === 0 ? '-' : `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** How long something took, or has taken until now: `340ms`, `2.5s`, `3m 20s`; `-` before it began. */
export function spanText(from: number, to: number): string {
  if (from === 0 || to === 0) return '-';
  const ms = Math.max(0, to - from);
  if (ms < 1_000) return `${ms}ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)}s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.floor((ms % 60_000) / 1_000);
  if (minutes < 60) return `${minutes}m ${seconds}s`;
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

/** Characters as people count them. */
function widthOf(cell = ''): number {
  return Array.from(cell).length;
}
