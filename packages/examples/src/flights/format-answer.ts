import { type AirportDelays, type Answer } from './answer.ts';

/** The answer for people: what was asked, a table, and what it comes down to. */
export function formatAnswer(answer: Answer): readonly string[] {
  const { airports, flights } = answer;
  return [
    `Of ${flights} flights, ${answer.latePercent} % were 15 minutes late or more.`,
    '',
    ...table([
      ['from', 'flights', 'late', ...(airports[0]?.months.map(({ month }) => month) ?? [])],
      ...airports.map(airportRow),
    ]),
    '',
    ...table([
      ['at', ...answer.hours.map(({ from, to }) => `${from}-${to} h`)],
      ['flights', ...answer.hours.map((each) => `${each.flights}`)],
      ['late', ...answer.hours.map((each) => `${each.latePercent.toFixed(1)} %`)],
    ]),
    '',
    ...sentences(answer),
  ];
}

function airportRow(each: AirportDelays): readonly string[] {
  const { city, airport, flights, latePercent, months } = each;
  const cells = months.map(
    (month) => `${month.latePercent.toFixed(1)} ± ${month.margin.toFixed(1)}`,
  );
  return [`${city} (${airport})`, `${flights}`, `${latePercent.toFixed(1)} %`, ...cells];
}

function sentences({ airports, hours, worstDays, distance }: Answer): readonly string[] {
  const worst = hours.toSorted((one, other) => other.latePercent - one.latePercent)[0];
  const best = hours.toSorted((one, other) => one.latePercent - other.latePercent)[0];
  const latest = airports[0];
  const days = worstDays.map(({ day, latePercent }) => `${day} (${latePercent.toFixed(1)} %)`);
  const bands = distance.bands.map(
    ({ band, latePercent }) => `${band} ${latePercent.toFixed(1)} %`,
  );
  return [
    `Where?     Of the busiest airports, ${latest?.city} runs late most.`,
    `When?      Fly between ${best?.from} and ${best?.to} h; worst is ${worst?.from} to ${worst?.to} h.`,
    `           The worst days: ${days.join(', ')}.`,
    `Distance?  ${bands.join(', ')}: ${verdictOf(distance)}.`,
  ];
}

/** Below this, one variable says next to nothing of the other. */
const WEAK_CORRELATION = 0.1;

function verdictOf({ differs, correlation }: Answer['distance']): string {
  if (!differs || correlation === null) return 'it makes no difference';
  const isWeak = Math.abs(correlation) < WEAK_CORRELATION;
  return `${isWeak ? 'it hardly matters' : 'it matters'} (r = ${correlation})`;
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
}
