/**
 * Where the commands of an append-only file end, as offsets in bytes; what does not look like commands ends the list.
 * The format is RESP: `*<count>`, then for each argument `$<length>` and its bytes, all lines with CR LF. A transaction is
 * many commands: a cut inside of one is a cut before its MULTI.
 */
export function recordEnds(file: Buffer): readonly number[] {
  const ends: number[] = [];
  for (let at = 0; at < file.length;) {
    const end = endOfRecord(file, at);
    if (end === null) break;
    ends.push(end);
    at = end;
  }
  return ends;
}

function endOfRecord(file: Buffer, from: number): number | null {
  const header = numberAfter(file, from, '*');
  if (header === null) return null;
  let at = header.next;
  for (let left = header.value; left > 0; left -= 1) {
    const length = numberAfter(file, at, '$');
    if (length === null) return null;
    at = length.next + length.value + 2;
  }
  return at <= file.length ? at : null;
}

function numberAfter(
  file: Buffer,
  from: number,
  mark: string,
): { readonly value: number; readonly next: number } | null {
  const lineEnd = file.indexOf('\r\n', from);
  if (lineEnd < 0 || file.toString('latin1', from, from + 1) !== mark) return null;
  const value = Number(file.toString('latin1', from + 1, lineEnd));
  return Number.isSafeInteger(value) ? { value, next: lineEnd + 2 } : null;
}
