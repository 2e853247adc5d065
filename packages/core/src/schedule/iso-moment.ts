// Sweden writes dates as ISO 8601 does.
const format = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'UTC',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** A moment, ms since epoch, as ISO 8601 in UTC to the second: `2026-05-01T00:30:00Z`. */
export function isoMoment(at: number): string {
  return `${format.format(at).replace(' ', 'T')}Z`;
}
