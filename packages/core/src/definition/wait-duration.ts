const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ...['d', 'day', 'days'].map((unit): [string, number] => [unit, 86_400_000]),
  ...['h', 'hr', 'hrs', 'hour', 'hours'].map((unit): [string, number] => [unit, 3_600_000]),
  ...['m', 'min', 'mins', 'minute', 'minutes'].map((unit): [string, number] => [unit, 60_000]),
  ...['s', 'sec', 'secs', 'second', 'seconds'].map((unit): [string, number] => [unit, 1000]),
]);

// Longer than any duration that a person writes.
const MAX_TEXT = 100;
// A hundred years: beyond it a moment is a mistake, and sums stay far below the safe integers.
const MAX_MS = 100 * 366 * 86_400_000;

/**
 * Milliseconds of a WAIT's duration: `1 days 2 hours 3 minutes 4 seconds`, `30s`, `2h 5m`; units from large to
 * small, each at most once, as in Conductor. Null when the text is none.
 */
export function parseWaitDuration(text: string): number | null {
  const rest = text.trim().toLowerCase();
  if (rest === '' || rest.length > MAX_TEXT) return null;
  let total = 0;
  let smallest = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const match of rest.matchAll(/\s*(\d{1,12})\s*([a-z]+)/gy)) {
    const unit = UNIT_MS.get(match[2] ?? '');
    if (unit === undefined || unit >= smallest) return null;
    smallest = unit;
    total += Number(match[1]) * unit;
    end += match[0].length;
  }
  return end === rest.length && total <= MAX_MS ? total : null;
}

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})(?:\s+(\d{2}):(\d{2})(?:\s+(\S+))?)?$/;

/**
 * The moment of a WAIT's `until`, ms since epoch: `yyyy-MM-dd`, `yyyy-MM-dd HH:mm`, or the latter with a zone (`UTC`,
 * `GMT`, `Z`, `+02:00`, `GMT+2`). Without a zone it is UTC. Named regions are not read: their rules change with the
 * machine's time-zone data, and a replay must come to the same moment. Null when the text is none.
 */
export function parseWaitUntil(text: string): number | null {
  const match = MOMENT.exec(text.trim().slice(0, MAX_TEXT));
  if (match === null) return null;
  const [year, month, day, hour, minute] = match.slice(1, 6).map((part) => Number(part ?? 0));
  if (year === undefined || month === undefined || day === undefined) return null;
  if (hour === undefined || minute === undefined || hour > 23 || minute > 59) return null;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  const offset = offsetMinutes(match[6] ?? 'UTC');
  if (offset === null) return null;
  const days = daysSinceEpoch(year, month, day);
  return ((days * 24 + hour) * 60 + minute - offset) * 60_000;
}

function offsetMinutes(zone: string): number | null {
  if (/^(?:UTC|GMT|Z)$/i.test(zone)) return 0;
  const match = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?$/i.exec(zone);
  if (match === null) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  // The widest offset that any clock on Earth has, and Java's bound.
  if (minutes > 18 * 60 || Number(match[3] ?? 0) > 59) return null;
  return match[1] === '-' ? -minutes : minutes;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Days from 1970-01-01 in the Gregorian calendar; the year begins in March, so that leap days come last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
