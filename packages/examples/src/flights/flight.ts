import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** One flight of the data set. */
export interface Flight {
  /** `2001-01`. */
  readonly month: string;
  /** `2001-01-31`. */
  readonly day: string;
  /** Hour of departure, 0 to 23. */
  readonly hour: number;
  /** Minutes after plan; negative = early. */
  readonly delay: number;
  /** Miles. */
  readonly distance: number;
  /** IATA code of the airport where it started. */
  readonly origin: string;
}

/** What the data set says of an airport. */
export interface Airport {
  readonly city: string;
  readonly state: string;
}

const rawFlights = z.array(
  z.object({
    date: z.string().regex(/^\d{4}\/\d\d\/\d\d \d\d:\d\d$/),
    delay: z.number(),
    distance: z.number(),
    origin: z.string(),
  }),
);

let flights: readonly Flight[] | undefined;

/** 20,000 flights within the USA, January to March 2001, in the order of the file; read once per process. */
export function readFlights(): readonly Flight[] {
  flights ??= rawFlights.parse(JSON.parse(dataFile('flights-20k.json'))).map((raw) => {
    const day = raw.date.slice(0, 10).replaceAll('/', '-');
    const hour = Number(raw.date.slice(11, 13));
    const { delay, distance, origin } = raw;
    return { month: day.slice(0, 7), day, hour, delay, distance, origin };
  });
  return flights;
}

/** City and state by IATA code. */
export function readAirports(): ReadonlyMap<string, Airport> {
  const [, ...lines] = dataFile('airports.csv').trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [iata = '', , city = '', state = ''] = cellsOf(line);
      return [iata, { city, state }];
    }),
  );
}

/** Cells may be quoted, and quoted ones hold commas; the file has no line break within a cell. */
function cellsOf(line: string): readonly string[] {
  const cells = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...cells].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}

/** The package exports its code alone, so the data is found from there. */
function dataFile(name: string): string {
  const entry = createRequire(import.meta.url).resolve('vega-datasets');
  return readFileSync(new URL(`../data/${name}`, pathToFileURL(entry)), 'utf8');
}
